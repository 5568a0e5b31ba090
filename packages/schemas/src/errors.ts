import { z } from 'zod';

interface ErrorKind {
  /** HTTP status of the answer. */
  status: number;
  /** What this kind of error is, in a few words that never change. */
  title: string;
  /** Whether the same request can succeed later without being changed. */
  retryable: boolean;
}

/**
 * Every code that an answer of RLaaS may carry. Codes are part of the API: they are added, never renamed.
 * The text beside a code may be improved at any time, so clients decide on codes.
 */
export const ERRORS = {
  invalid_request: { status: 400, title: 'The request is not valid', retryable: false },
  invalid_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  unauthenticated: { status: 401, title: 'No API key was given', retryable: false },
  invalid_key: { status: 401, title: 'The API key is not known', retryable: false },
  key_expired: { status: 401, title: 'The API key has expired', retryable: false },
  key_revoked: { status: 401, title: 'The API key was revoked', retryable: false },
  seed_key_refused: { status: 401, title: 'The seed key is refused in production', retryable: false },
  scope_missing: { status: 403, title: 'The API key lacks a scope', retryable: false },
  operator_required: { status: 403, title: 'An operator key is required', retryable: false },
  tenant_required: { status: 403, title: "A tenant's key is required", retryable: false },
  publishable_key_refused: { status: 403, title: 'A publishable key may not do this', retryable: false },
  origin_refused: { status: 403, title: 'The origin is not allowed for this key', retryable: false },
  not_found: { status: 404, title: 'There is no such thing', retryable: false },
  method_not_allowed: { status: 405, title: 'The method is not allowed here', retryable: false },
  request_timeout: { status: 408, title: 'The request took too long to arrive', retryable: true },
  conflict: { status: 409, title: 'It conflicts with what is stored', retryable: false },
  body_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The content type is not supported', retryable: false },
  grader_unavailable: { status: 422, title: 'The grader is not available', retryable: false },
  header_too_large: { status: 431, title: 'The request headers are too large', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  internal_error: { status: 500, title: 'An unexpected error happened', retryable: true },
  upstream_unavailable: {
    status: 502,
    title: 'A service behind the gateway does not answer',
    retryable: true,
  },
  upstream_timeout: {
    status: 504,
    title: 'A service behind the gateway answers too slowly',
    retryable: true,
  },
  auth_unavailable: { status: 503, title: 'The key cannot be checked now', retryable: true },
  database_unavailable: { status: 503, title: 'The database does not answer', retryable: true },
  policies_unavailable: { status: 503, title: 'The policies are not loaded yet', retryable: true },
  journal_unavailable: { status: 503, title: 'The decision cannot be logged', retryable: true },
  overloaded: { status: 503, title: 'The service is overloaded', retryable: true },
  shutting_down: { status: 503, title: 'The service is stopping', retryable: true },
} as const satisfies Record<string, ErrorKind>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;

/** All codes, in the order of the catalogue. */
export const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

const problemIssueSchema = z.object({
  path: z
    .string()
    .meta({ description: 'JSON pointer (RFC 6901) to the mistake.', examples: ['/actions/3/id'] }),
  message: z.string().meta({ description: 'What is wrong there, for a person.' }),
  code: z.string().optional().meta({ description: 'Stable code of the mistake, where it has one.' }),
  line: z.int().optional().meta({ description: 'Line within the text at the path, from 1.' }),
  column: z.int().optional().meta({ description: 'Column in that line, from 1.' }),
});

/** The body of every error: RFC 9457 (problem+json) with the members that clients decide on. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'URN of the code.', examples: ['urn:rlaas:problem:not_found'] }),
    title: z.string().meta({ description: 'What this kind of error is.' }),
    status: z.int().min(400).max(599).meta({ description: 'HTTP status.' }),
    code: z.enum(errorCodes).meta({ description: 'Stable code: decide on this.' }),
    detail: z.string().optional().meta({ description: 'What happened here and what to do next.' }),
    path: z.string().optional().meta({ description: 'JSON pointer to the first mistake in the request.' }),
    errors: z
      .array(problemIssueSchema)
      .optional()
      .meta({ description: 'All mistakes, where there are several.' }),
    retryable: z.boolean().meta({ description: 'Whether the same request can succeed later.' }),
    request_id: z.string().meta({ description: 'Id of the request, also in the logs and in x-request-id.' }),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457).' });

/** The body of an error answer. */
export type Problem = z.infer<typeof problemSchema>;
/** One mistake among several in a request. */
export type ProblemIssue = z.infer<typeof problemIssueSchema>;
