/** Why a statement or a connection failed, as far as it matters to callers. */
export type DatabaseErrorCode =
  /** The server does not answer, or the connection broke before COMMIT was sent: nothing was stored. */
  | 'database_unavailable'
  /** The connection broke while COMMIT was on its way: it is not known whether the transaction was stored. */
  | 'commit_unknown';

/** Lost infrastructure. What the server refuses (a constraint, a permission) stays the driver's own error. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

/** The SQLSTATE or system code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Serialization failure or deadlock: the server rolled back, and the same transaction may succeed now. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

const LOST = new Set([
  '57P01', // terminated by an administrator
  '57P02', // the server crashed
  '57P03', // starting up or shutting down
  '25006', // read-only: a fail-over left us on a standby
  '53300', // no connection slots left
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);
// The driver gives these no code.
const LOST_MESSAGE =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|server conn crashed|server_login_retry/;

/** Whether the error says that the connection or the server is gone, rather than that a statement was refused. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (LOST.has(code) || /^08[0-9A-Z]{3}$/.test(code))) return true;
  // A host with several addresses fails with one error for each.
  if (error instanceof AggregateError) return error.errors.every(isConnectionLost);
  return error instanceof Error && LOST_MESSAGE.test(error.message);
}
