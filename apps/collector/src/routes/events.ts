import {
  type IngestBody,
  eventQuerySchema,
  eventReceiptSchema,
  ingestAnswerSchema,
  ingestBodySchema,
  storedEventPageSchema,
} from '@rlaas/schemas';
import { type ServiceApp, notFound, tenantOf } from '@rlaas/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Receipts } from '../events/receipts.ts';
import type { Imports } from '../imports/imports.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Quotas } from '../intake/quotas.ts';
import { BATCH_BYTES, type Intake, readBatchBodies } from './batch-body.ts';
import { importOf, originOf, takeQuota } from './batch-rights.ts';
import { idOfCursor } from './id-cursor.ts';
import { sendOutcome, wantsAll } from './ingest-answer.ts';

export interface EventRoutesOptions {
  ingest: Ingest;
  intake: Intake;
  imports: Imports;
  receipts: Receipts;
  quotas: Quotas;
}

const tags = ['events'];
const response = { 200: ingestAnswerSchema, 207: ingestAnswerSchema, 422: ingestAnswerSchema };
const FORMS =
  'The body is JSON (`{"events":[…]}`), lines of JSON (`application/x-ndjson`) or a batch of CloudEvents (`application/cloudevents-batch+json`), at most 8 MiB; packed with gzip, br or zstd at most 2 MiB. ';
/** For the forms that are a list and have no place for anything else. */
const besideSchema = z.object({
  mode: ingestBodySchema.shape.mode,
  import_id: ingestBodySchema.shape.import_id,
});

/** `/v1/events` for applications, `/internal/events` for the gateway's journal. */
export function eventRoutes(app: ServiceApp, options: EventRoutesOptions): void {
  const { ingest, intake, imports, receipts, quotas } = options;

  async function take(
    request: FastifyRequest & { body: IngestBody; query: z.infer<typeof besideSchema> },
    reply: FastifyReply,
    run: Ingest['take'],
  ): Promise<never> {
    const { events } = request.body;
    const mode = request.body.mode ?? request.query.mode ?? 'partial';
    const importId = request.body.import_id ?? request.query.import_id;
    takeQuota(request, events.length, quotas);
    const importing = await importOf(request, { import_id: importId }, imports);
    const origin = originOf(request, importId);
    const subjectsHashed = origin === 'internal';
    const tenantId = tenantOf(request);
    const listAll = wantsAll(request);
    const outcome = await run({ tenantId, origin, events, mode, importing, subjectsHashed, listAll });
    // Fastify takes the reply itself as "answered"; the types of the routes know bodies only.
    return sendOutcome(request, reply, outcome, mode === 'atomic') as never;
  }

  void app.register((plugin, _options, done) => {
    const scope = plugin.withTypeProvider() as ServiceApp;
    readBatchBodies(scope, intake);
    scope.post(
      '/v1/events',
      {
        config: { access: { scope: 'events:write', publishable: true } },
        bodyLimit: BATCH_BYTES,
        schema: {
          tags,
          summary: 'Report what happened',
          description: `${FORMS}One result for each event, so that only what must be is sent again. 200: all are stored; 207: they differ; 422: none will be; 503: send all again.`,
          body: ingestBodySchema,
          querystring: besideSchema,
          response: { ...response, 503: ingestAnswerSchema },
        },
      },
      (request, reply) => take(request, reply, ingest.take),
    );
    scope.post(
      '/v1/events/validate',
      {
        config: { access: { scope: 'events:write' } },
        bodyLimit: BATCH_BYTES,
        schema: {
          tags,
          summary: 'Check events without storing them',
          description: `${FORMS}The answer is that of \`POST /v1/events\`, but for what only the store can tell: duplicates and conflicts.`,
          body: ingestBodySchema,
          querystring: besideSchema,
          response,
        },
      },
      (request, reply) => take(request, reply, ingest.validate),
    );
    scope.post(
      '/internal/events',
      {
        config: { access: 'internal' },
        bodyLimit: BATCH_BYTES,
        schema: {
          tags,
          summary: 'Take decisions from a journal',
          body: ingestBodySchema,
          querystring: besideSchema,
          response: { ...response, 503: ingestAnswerSchema },
        },
      },
      (request, reply) => take(request, reply, ingest.take),
    );
    done();
  });

  app.get(
    '/v1/events',
    {
      config: { access: { scope: 'events:read' } },
      schema: {
        tags,
        summary: 'List stored events',
        description:
          'The newest first, by the times in their ids. A page may be short, or empty, although more follow: go on until `next_cursor` is null.',
        querystring: eventQuerySchema,
        response: { 200: storedEventPageSchema },
      },
    },
    (request) => receipts.list(tenantOf(request), request.query, idOfCursor(request.query.cursor)),
  );

  app.get(
    '/v1/events/:event',
    {
      config: { access: { scope: 'events:read' } },
      schema: {
        tags,
        summary: 'Show what became of an event',
        params: z.object({ event: z.string().min(1).max(64).meta({ description: 'Id of the event.' }) }),
        response: { 200: eventReceiptSchema },
      },
    },
    async (request) => {
      const receipt = await receipts.find(tenantOf(request), request.params.event);
      if (!receipt) throw notFound(`No event ${request.params.event} came, or it was not stored yet.`);
      return receipt;
    },
  );
}
