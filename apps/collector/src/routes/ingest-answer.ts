import type { IngestAnswer } from '@rlaas/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IngestOutcome } from '../ingest/outcome.ts';

const RETRY_SECONDS = '1';
/** RFC 7240: the caller wants to see every result. */
const WHOLE = /\breturn=representation\b/i;

/**
 * Answers a batch: 200 all are stored, 207 they differ, 422 none will be, 503 all are to be sent again.
 * @param atomic all or none were wanted: with one that is rejected, none is stored, and the whole is 422
 */
export function sendOutcome(
  request: FastifyRequest,
  reply: FastifyReply,
  { counts, results, receivedAt }: IngestOutcome,
  atomic: boolean,
): FastifyReply {
  const { received, accepted, duplicate, rejected, retry } = counts;
  const body: IngestAnswer = {
    request_id: request.id,
    received_at: new Date(receivedAt).toISOString(),
    counts,
    results,
  };
  if (wantsAll(request)) reply.header('preference-applied', 'return=representation');
  if (retry > 0) reply.header('retry-after', RETRY_SECONDS);
  const status =
    accepted + duplicate === received
      ? 200
      : rejected === received || (atomic && rejected > 0)
        ? 422
        : retry === received
          ? 503
          : 207;
  // As text: the schema of the answer would check a thousand results that were just made here.
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** Whether the caller wants to see a result for every event. */
export function wantsAll(request: FastifyRequest): boolean {
  const { prefer } = request.headers;
  return prefer !== undefined && WHOLE.test(prefer.toString());
}
