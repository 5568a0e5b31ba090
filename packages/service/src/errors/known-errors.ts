import { ERRORS, type ErrorCode } from '@rlaas/schemas';
import {
  bodyTooLarge,
  internalError,
  invalidJson,
  notFound,
  unavailable,
  unsupportedMediaType,
} from './errors.ts';
import { RlaasError } from './rlaas-error.ts';

/** What `known-errors` reads of an error of Fastify or of one of its plugins. */
interface ForeignError extends Error {
  code?: unknown;
  statusCode?: unknown;
}

/** The code for a status that a plugin chose without naming a code of ours. */
const BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'invalid_request'],
  [401, 'unauthenticated'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [413, 'body_too_large'],
  [415, 'unsupported_media_type'],
  [429, 'rate_limited'],
  [431, 'header_too_large'],
  [502, 'upstream_unavailable'],
  [503, 'overloaded'],
  [504, 'upstream_timeout'],
]);

/**
 * Whatever was thrown, as one of ours. Texts of foreign errors are not passed on: they can repeat what was in the
 * URL, where a key may stand.
 */
export function knownError(thrown: unknown, bodyLimit?: number): RlaasError {
  if (thrown instanceof RlaasError) return thrown;
  if (!(thrown instanceof Error)) return internalError(thrown);
  const error: ForeignError = thrown;
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidJson('The body is not valid JSON.');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidJson('The body is empty, and the content type says that it is JSON.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge(bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedMediaType('Send the body as application/json.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new RlaasError('invalid_request', { detail: 'The body is not as long as content-length says.' });
    case 'FST_ERR_BAD_URL':
      return new RlaasError('invalid_request', { detail: 'The path of the URL is not valid.' });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return notFound();
    // Of the database package, told by their codes since packages share no classes.
    case 'database_unavailable':
      return unavailable('database_unavailable', 'The database does not answer; nothing was stored.', {
        cause: error,
      });
    case 'commit_unknown':
      return unavailable(
        'database_unavailable',
        'It is not known whether this was stored. Look before you repeat it.',
        {
          cause: error,
        },
      );
    // Of Postgres: a statement, a lock or a transaction took longer than it may.
    case '57014':
    case '55P03':
    case '25P03':
      return unavailable('database_unavailable', 'The database is too slow now; nothing was stored.', {
        cause: error,
      });
    default:
      // Class 22 of Postgres is data that it cannot store, such as a text with \u0000 or a year that it does not know.
      if (typeof error.code === 'string' && /^22[0-9A-Z]{3}$/.test(error.code)) {
        return new RlaasError('invalid_request', {
          detail:
            'A value of the request cannot be stored: a text with a control character, or a number or time out of range.',
          cause: error,
        });
      }
      return byStatus(error);
  }
}

function byStatus(error: ForeignError): RlaasError {
  const status = typeof error.statusCode === 'number' ? error.statusCode : 500;
  const code =
    BY_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'invalid_request' : 'internal_error');
  return new RlaasError(code, {
    cause: error,
    ...(ERRORS[code].status >= 500 && code !== 'internal_error' && { headers: { 'retry-after': '1' } }),
  });
}
