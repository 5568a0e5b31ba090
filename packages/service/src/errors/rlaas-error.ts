import { ERRORS, type ErrorCode, type ProblemIssue } from '@rlaas/schemas';

export interface RlaasErrorOptions {
  /** What happened and what to do next, for the caller. Shown below status 500, logged from 500 on. */
  detail?: string | undefined;
  /** JSON pointer to the (first) mistake in the request. */
  path?: string | undefined;
  /** All mistakes, where there are several. */
  errors?: readonly ProblemIssue[] | undefined;
  /** What made it happen. Logged, never shown. */
  cause?: unknown;
  /** Headers of the answer, in lower case. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** An error that ends a request with one of the codes of the API. Make one with the functions of `errors.ts`. */
export class RlaasError extends Error {
  readonly code: ErrorCode;
  // Plain `statusCode`, since Fastify sets it on errors that have none.
  readonly statusCode: number;
  readonly detail: string | undefined;
  readonly path: string | undefined;
  readonly errors: readonly ProblemIssue[] | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, options: RlaasErrorOptions = {}) {
    super(options.detail ?? ERRORS[code].title, { cause: options.cause });
    this.name = 'RlaasError';
    this.code = code;
    this.statusCode = ERRORS[code].status;
    this.detail = options.detail;
    this.path = options.path;
    this.errors = options.errors;
    this.headers = options.headers;
  }
}
