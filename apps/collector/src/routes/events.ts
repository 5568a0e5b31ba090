import { type EventResult, type IngestAnswer, ingestAnswerSchema, ingestBodySchema } from '@rlaas/schemas';
import { type ServiceApp, tenantOf } from '@rlaas/service';
import type { Ingest, IngestOutcome } from '../ingest/ingest.ts';

const BODY_BYTES = 8 * 1024 * 1024;
const tags = ['events'];
const response = {
  200: ingestAnswerSchema,
  207: ingestAnswerSchema,
  422: ingestAnswerSchema,
  503: ingestAnswerSchema,
};

/** `POST /v1/events` for applications, `POST /internal/events` for the gateway's journal. */
export function eventRoutes(app: ServiceApp, ingest: Ingest): void {
  app.post(
    '/v1/events',
    {
      config: { access: { scope: 'events:write' } },
      bodyLimit: BODY_BYTES,
      schema: {
        tags,
        summary: 'Report what happened',
        description:
          'One result for each event, so that only what must be is sent again. 200: all are stored; 207: some; 422: none; 503: try again.',
        body: ingestBodySchema,
        response,
      },
    },
    async (request, reply) => {
      const outcome = await ingest({
        tenantId: tenantOf(request),
        events: request.body.events,
        trusted: false,
      });
      const { status, body } = answerOf(request.id, outcome);
      if (status === 503) reply.header('retry-after', '1');
      return reply.code(status).send(body);
    },
  );

  app.post(
    '/internal/events',
    {
      config: { access: 'internal' },
      bodyLimit: BODY_BYTES,
      schema: { tags, summary: 'Take decisions from a journal', body: ingestBodySchema, response },
    },
    async (request, reply) => {
      const outcome = await ingest({
        tenantId: tenantOf(request),
        events: request.body.events,
        trusted: true,
      });
      const { status, body } = answerOf(request.id, outcome);
      return reply.code(status).send(body);
    },
  );
}

function answerOf(
  requestId: string,
  { results, receivedAt }: IngestOutcome,
): { status: 200 | 207 | 422 | 503; body: IngestAnswer } {
  const count = (status: EventResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const counts = {
    received: results.length,
    accepted: count('accepted'),
    duplicate: count('duplicate'),
    rejected: count('rejected'),
    retry: count('retry'),
  };
  const stored = counts.accepted + counts.duplicate;
  const status =
    stored === counts.received
      ? 200
      : counts.rejected === counts.received
        ? 422
        : counts.retry === counts.received
          ? 503
          : 207;
  return {
    status,
    body: {
      request_id: requestId,
      received_at: receivedAt.toISOString(),
      counts,
      results: results.filter((result) => result.status !== 'accepted'),
    },
  };
}
