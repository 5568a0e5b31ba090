import { codeOf } from './database-error.ts';

/** The URL with its password replaced, for logs and messages. */
export function maskUrl(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = '***';
    if (parsed.searchParams.has('password')) parsed.searchParams.set('password', '***');
    return parsed.toString();
  } catch {
    // Not a URL at all; it may still hold a password, so nothing of it is shown.
    return '(not a URL)';
  }
}

/** User, password, host and database of a connection URL. */
export function partsOf(url: string): { user: string; password: string; host: string; database: string } {
  const parsed = new URL(url);
  return {
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    host: parsed.host,
    database: decodeURIComponent(parsed.pathname.slice(1)),
  };
}

/**
 * Why connecting failed and what to do, in a sentence or two.
 * @param where what to call the place: `maskUrl(url)`, or only the variable's name where strangers can read it
 */
export function explainConnectionError(error: unknown, where: string): string {
  const code = codeOf(error) ?? codeOf(error instanceof AggregateError ? error.errors[0] : undefined);
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${where}. Is Postgres started, and are host and port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${where} cannot be found. Check its name.`;
    case '28P01':
      return `Postgres refuses user and password of ${where}.`;
    case '28000':
      return /no encryption|SSL off/.test(message)
        ? `Postgres at ${where} wants TLS. Add ?sslmode=verify-full to the URL.`
        : `Postgres does not let the user of ${where} in: ${message}.`;
    case '3D000':
      return `The database of ${where} does not exist. Create it, or correct the URL.`;
    case '53300':
      return `Postgres at ${where} has no connection left. Lower DATABASE_POOL_MAX or raise max_connections.`;
    case '57P03':
      return `Postgres at ${where} is starting or stopping. Try again in a moment.`;
    case '08P01':
      return /unsupported startup parameter/.test(message)
        ? `The pooler at ${where} refuses a parameter of the URL (${message}). Remove it: RLaaS sets its timeouts itself.`
        : `The server at ${where} does not speak as Postgres does: ${message}.`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `The certificate of ${where} is not signed by an authority this machine knows. Add &sslrootcert=/path/to/ca.pem to the URL.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate of ${where} was made for another host name: ${message}.`;
    default:
      if (/does not support SSL/.test(message)) {
        return `Postgres at ${where} offers no TLS. Turn it on there, or use sslmode=disable on a network you trust.`;
      }
      return `Cannot connect to ${where}: ${message}.`;
  }
}
