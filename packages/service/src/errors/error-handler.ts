import type { FastifyReply, FastifyRequest } from 'fastify';
import { knownError } from './known-errors.ts';
import { PROBLEM_JSON, problemOf } from './problem.ts';

/**
 * The one place that turns an error into an answer. From status 500 on the error is logged with its cause; below,
 * it is the caller's, and the line of the request says enough.
 */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = knownError(thrown, request.routeOptions.bodyLimit);
  // A full queue is no fault of the service: its line would come for each request of a flood, with a stack.
  if (error.statusCode >= 500 && error.code !== 'overloaded') {
    request.log.error({ err: error, code: error.code }, error.message);
  }
  request.errorCode = error.code;
  if (error.headers) reply.headers(error.headers);
  reply
    .code(error.statusCode)
    // Also where no hook ran, such as for a path that cannot be decoded.
    .header('x-request-id', request.id)
    .type(PROBLEM_JSON)
    // As text: a route's own response schemas must not reshape it.
    .send(JSON.stringify(problemOf(error, request.id)));
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the error the request was answered with; for the log line of the request. */
    errorCode: string | null;
  }
}
