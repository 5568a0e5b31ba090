const SECRET_NAME = /TOKEN|SECRET|PASSWORD|KEY/i;

// Greedy up to the last "@": a password with an unescaped "@" or "/" is not a valid URL, and still a password.
const URL_PASSWORD = /(\/\/[^:/@\s]*:).*@/s;
const QUERY_PASSWORD = /([?&](?:password|sslpassword|token|secret)=)[^&#]*/gi;

const SHOWN_LENGTH = 200;

/**
 * A variable's value as it may be printed: nothing of a secret, a URL without its password, and never more than
 * 200 characters.
 */
export function shownValue(name: string, value: string): string {
  if (SECRET_NAME.test(name)) return '(hidden)';
  const masked = value.replace(URL_PASSWORD, '$1****@').replace(QUERY_PASSWORD, '$1****');
  const shown = masked.length > SHOWN_LENGTH ? `${masked.slice(0, SHOWN_LENGTH)}…` : masked;
  return JSON.stringify(shown);
}
