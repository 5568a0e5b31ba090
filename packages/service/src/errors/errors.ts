import type { ProblemIssue } from '@rlaas/schemas';
import { RlaasError } from './rlaas-error.ts';

const BEARER = { 'www-authenticate': 'Bearer' };

/** 400: the request breaks its schema. The first mistake is also in `path`. */
export function invalidRequest(errors: readonly ProblemIssue[], detail?: string): RlaasError {
  const first = errors[0];
  return new RlaasError('invalid_request', {
    detail: detail ?? (first && `${first.path === '' ? 'The body' : first.path}: ${first.message}`),
    path: first?.path,
    errors: errors.length > 0 ? errors : undefined,
  });
}

/** 400: one mistake, at a JSON pointer. */
export function invalidAt(path: string, message: string): RlaasError {
  return invalidRequest([{ path, message }]);
}

/** 400: the body is not JSON. */
export function invalidJson(detail: string): RlaasError {
  return new RlaasError('invalid_json', { detail });
}

/** 401: no credentials, or of a kind that the route does not take. */
export function unauthenticated(detail: string): RlaasError {
  return new RlaasError('unauthenticated', { detail, headers: BEARER });
}

/** 401: credentials were given and do not hold. */
export function keyRefused(
  code: 'invalid_key' | 'key_expired' | 'key_revoked' | 'seed_key_refused',
  detail: string,
): RlaasError {
  return new RlaasError(code, { detail, headers: BEARER });
}

/** 403: the key holds and may not do this. */
export function forbidden(
  code:
    | 'scope_missing'
    | 'operator_required'
    | 'tenant_required'
    | 'publishable_key_refused'
    | 'origin_refused',
  detail: string,
): RlaasError {
  return new RlaasError(code, { detail });
}

/** 404: also for what belongs to another tenant, whose things do not exist for the caller. */
export function notFound(detail?: string): RlaasError {
  return new RlaasError('not_found', { detail });
}

/** 405, with the methods that the path has. */
export function methodNotAllowed(method: string, allowed: readonly string[]): RlaasError {
  const list = allowed.join(', ');
  return new RlaasError('method_not_allowed', {
    detail: `${method} is not allowed here; allowed: ${list}`,
    headers: { allow: list },
  });
}

/** 409. */
export function conflict(detail: string): RlaasError {
  return new RlaasError('conflict', { detail });
}

/** 413, with the limit in bytes where it is known. */
export function bodyTooLarge(limitBytes?: number): RlaasError {
  const detail = limitBytes === undefined ? undefined : `The body may have at most ${limitBytes} bytes.`;
  return new RlaasError('body_too_large', { detail });
}

/** 415. */
export function unsupportedMediaType(detail: string): RlaasError {
  return new RlaasError('unsupported_media_type', { detail });
}

/** What a rate limit says of itself: `limit` requests a window, whose end is `resetSeconds` away. */
export interface RateLimitState {
  limit: number;
  resetSeconds: number;
}

/** 429, with `retry-after` and the rate limit headers. */
export function rateLimited(detail: string, state: RateLimitState): RlaasError {
  const reset = String(Math.max(1, state.resetSeconds));
  return new RlaasError('rate_limited', {
    detail,
    headers: {
      'retry-after': reset,
      'ratelimit-limit': String(state.limit),
      'ratelimit-remaining': '0',
      'ratelimit-reset': reset,
    },
  });
}

/** 500: a bug. The cause is logged and not shown. */
export function internalError(cause: unknown): RlaasError {
  return new RlaasError('internal_error', { cause });
}

/** 503: the service cannot do it now; `retryAfterSeconds` says when to come back. */
export function unavailable(
  code:
    | 'auth_unavailable'
    | 'database_unavailable'
    | 'policies_unavailable'
    | 'journal_unavailable'
    | 'overloaded'
    | 'shutting_down',
  detail: string,
  { retryAfterSeconds = 1, cause }: { retryAfterSeconds?: number; cause?: unknown } = {},
): RlaasError {
  return new RlaasError(code, { detail, cause, headers: { 'retry-after': String(retryAfterSeconds) } });
}

/** 502 or 504: a service behind this one does not answer, or too late. */
export function upstreamFailed(
  code: 'upstream_unavailable' | 'upstream_timeout',
  detail: string,
  cause?: unknown,
): RlaasError {
  return new RlaasError(code, { detail, cause, headers: { 'retry-after': '1' } });
}
