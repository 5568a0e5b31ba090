import {
  decodeCursor,
  evaluationPageSchema,
  evaluationQuerySchema,
  evaluationSchema,
  pageOf,
  startEvaluationSchema,
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
import type { Evaluations } from '../evaluations/evaluations.ts';

const tags = ['evaluations'];

/** `/v1/evaluations`: what a policy would have earned, by what was logged. */
export function evaluationRoutes(app: ServiceApp, evaluations: Evaluations): void {
  app.get(
    '/v1/evaluations',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'List evaluations, the newest first',
        querystring: evaluationQuerySchema,
        response: { 200: evaluationPageSchema },
      },
    },
    async (request) => {
      const { limit, cursor, policy, status } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (after !== undefined && !uuidV7Schema.safeParse(after).success) {
        throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
      }
      const rows = await evaluations.list(tenantOf(request), { policy, status }, { after, limit: limit + 1 });
      return pageOf(rows, limit, ({ id }) => id);
    },
  );

  app.post(
    '/v1/evaluations',
    {
      config: { access: { scope: 'policies:write' } },
      schema: {
        tags,
        summary: 'Evaluate a version, a declared policy or the baseline on a period',
        description:
          'Estimates the mean reward that the target would have had for the decisions of the period, from what was logged for them: nothing is served. A job of the same id: `POST /v1/jobs/{id}/cancel` stops it. Imported decisions count; a policy without decisions that have a final reward in the period is refused. `idempotency-key` makes a repeated request the same evaluation.',
        headers: z.looseObject({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: startEvaluationSchema,
        response: { 200: evaluationSchema, 202: evaluationSchema },
      },
    },
    async (request, reply) => {
      const started = await evaluations.start(tenantOf(request), actorOf(request), {
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
      return reply.code(started.outcome === 'started' ? 202 : 200).send(started.evaluation);
    },
  );

  app.get(
    '/v1/evaluations/:evaluation',
    {
      config: { access: { scope: 'policies:read' } },
      schema: {
        tags,
        summary: 'Show an evaluation: how far it is, and its report',
        params: z.object({ evaluation: uuidV7Schema }),
        response: { 200: evaluationSchema },
      },
    },
    async (request) => {
      const found = await evaluations.find(tenantOf(request), request.params.evaluation);
      if (!found) throw notFound(`There is no evaluation ${request.params.evaluation}.`);
      return found;
    },
  );
}
