import { ERRORS, type Problem } from '@rlaas/schemas';
import type { RlaasError } from './rlaas-error.ts';

/** Media type of every error (RFC 9457). */
export const PROBLEM_JSON = 'application/problem+json';

/** Failures whose detail is of our own words. */
const TOLD = new Set<string>(['upstream_unavailable', 'upstream_timeout']);

/** The body of the answer to `error`. From status 500 on the detail stays in the logs, but for which service is away. */
export function problemOf(error: RlaasError, requestId: string): Problem {
  const { status, title, retryable } = ERRORS[error.code];
  return {
    type: `urn:rlaas:problem:${error.code}`,
    title,
    status,
    code: error.code,
    ...((status < 500 || TOLD.has(error.code)) && error.detail !== undefined && { detail: error.detail }),
    ...(error.path !== undefined && { path: error.path }),
    ...(error.errors !== undefined && { errors: [...error.errors] }),
    retryable,
    request_id: requestId,
  };
}
