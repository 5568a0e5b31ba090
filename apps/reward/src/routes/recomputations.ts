import { jobSchema, nameSchema, recomputeRewardsSchema } from '@rlaas/schemas';
import { type ServiceApp, actorOf, notFound, tenantOf, unavailable } from '@rlaas/service';
import { z } from 'zod';
import type { Recomputations } from '../recomputing/recomputations.ts';

/** `POST /v1/reward-specs/{policy}/recompute`: rewards of a period by another version. */
export function recomputationRoutes(app: ServiceApp, recomputations: Recomputations): void {
  app.post(
    '/v1/reward-specs/:policy/recompute',
    {
      config: { access: { scope: 'rewards:write' } },
      schema: {
        tags: ['reward specifications'],
        summary: 'Make the rewards of a period by a version of the specification',
        description:
          'A job: `GET /v1/jobs/{id}` tells how far it is and, in the end, how the new rewards lie beside those that were learned from. Nothing is overwritten: rewards by this version that are there stay, and nothing learns from the new ones of decisions that had a reward. Decisions without any get theirs. With `dry_run` it only compares. `idempotency-key` makes a repeated request the same job.',
        params: z.object({ policy: nameSchema }),
        headers: z.looseObject({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: recomputeRewardsSchema,
        response: { 200: jobSchema, 202: jobSchema },
      },
    },
    async (request, reply) => {
      const { policy } = request.params;
      const started = await recomputations.start(tenantOf(request), actorOf(request), {
        policy,
        wanted: request.body,
        idempotencyKey: request.headers['idempotency-key'],
      });
      if (started.outcome === 'no_version') {
        throw notFound(`The reward specification of "${policy}" has no version ${request.body.version}.`);
      }
      if (started.outcome === 'unavailable') {
        throw unavailable(
          'database_unavailable',
          'The queue of jobs cannot be reached yet; try again in a moment.',
        );
      }
      return reply.code(started.outcome === 'started' ? 202 : 200).send(started.job);
    },
  );
}
