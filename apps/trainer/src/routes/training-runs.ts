import {
  decodeCursor,
  pageOf,
  startTrainingRunSchema,
  trainingRunPageSchema,
  trainingRunQuerySchema,
  trainingRunSchema,
  uuidV7Schema,
} from '@rlaas/schemas';
import {
  type ServiceApp,
  actorOf,
  conflict,
  invalidAt,
  notFound,
  tenantOf,
  unavailable,
} from '@rlaas/service';
import { z } from 'zod';
import type { TrainingRuns } from '../training-runs/training-runs.ts';

const tags = ['training runs'];

/** `/v1/training-runs`: a draft learns the rewards of a period. */
export function trainingRunRoutes(app: ServiceApp, runs: TrainingRuns): void {
  app.get(
    '/v1/training-runs',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'List training runs, the newest first',
        description: '`GET /v1/jobs/{id}` shows a single one.',
        querystring: trainingRunQuerySchema,
        response: { 200: trainingRunPageSchema },
      },
    },
    async (request) => {
      const { limit, cursor, status } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (after !== undefined && !uuidV7Schema.safeParse(after).success) {
        throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
      }
      const rows = await runs.list(tenantOf(request), { status }, { after, limit: limit + 1 });
      return pageOf(rows, limit, ({ id }) => id);
    },
  );

  app.post(
    '/v1/training-runs',
    {
      config: { access: { scope: 'policies:write' } },
      schema: {
        tags,
        summary: 'Let a draft learn the rewards of a period',
        description:
          'A job: `GET /v1/jobs/{id}` tells how far it is and what came of it, `POST /v1/jobs/{id}/cancel` stops it. It learns the final rewards of decisions that the policy made in the period, imported ones too, in the order of their deadlines, and gives the draft its first checkpoint. In shadow the version goes on from there and learns none of them again. A version that is no draft or has learned already is refused, as is a period without a final reward. `idempotency-key` makes a repeated request the same job.',
        headers: z.looseObject({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: startTrainingRunSchema,
        response: { 200: trainingRunSchema, 202: trainingRunSchema },
      },
    },
    async (request, reply) => {
      const started = await runs.start(tenantOf(request), actorOf(request), {
        wanted: request.body,
        idempotencyKey: request.headers['idempotency-key'],
      });
      if (started.outcome === 'refused') {
        const { code, message } = started.refusal;
        throw code === 'not_found' ? notFound(message) : conflict(message);
      }
      if (started.outcome === 'unavailable') {
        throw unavailable(
          'database_unavailable',
          'The queue of jobs cannot be reached yet; try again in a moment.',
        );
      }
      return reply.code(started.outcome === 'started' ? 202 : 200).send(started.run);
    },
  );
}
