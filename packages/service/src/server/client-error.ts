import { randomUUID } from 'node:crypto';
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type ErrorCode } from '@rlaas/schemas';
import { PROBLEM_JSON, problemOf } from '../errors/problem.ts';
import { RlaasError } from '../errors/rlaas-error.ts';

const CODES: ReadonlyMap<unknown, ErrorCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'header_too_large'],
]);

/** Answers what is not HTTP enough to become a request, and closes the connection. */
export function answerClientError(error: Error & { code?: unknown }, socket: Socket): void {
  // Nobody is left to read an answer, or one is half written and must not be mixed with another.
  const writable = socket.writable && !isAnswering(socket);
  if (error.code === 'ECONNRESET' || !writable) {
    socket.destroy(error);
    return;
  }
  const problem = problemOf(
    new RlaasError(CODES.get(error.code) ?? 'invalid_request', {
      detail: CODES.has(error.code) ? undefined : 'This is not a valid HTTP request.',
    }),
    randomUUID(),
  );
  const { status } = ERRORS[problem.code];
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_JSON}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${problem.request_id}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Whether part of an answer was sent on this connection. Node's HTTP server keeps the answer under way there. */
function isAnswering(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return message instanceof ServerResponse && message.headersSent;
}
