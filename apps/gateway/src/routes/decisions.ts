import { decideSchema, decisionSchema } from '@rlaas/schemas';
import { type ServiceApp, invalidAt, notFound, tenantOf, unavailable } from '@rlaas/service';
import type { Decider } from '../decisions/decider.ts';

const BODY_BYTES = 512 * 1024;

/** `POST /v1/decisions`. */
export function decisionRoutes(app: ServiceApp, decide: Decider): void {
  app.post(
    '/v1/decisions',
    {
      config: { access: { scope: 'decide', publishable: true } },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['decisions'],
        summary: 'Decide',
        description:
          'Chooses an action and logs the choice with its probability. The same `id` within 10 minutes gets the same answer.',
        body: decideSchema,
        response: { 200: decisionSchema },
      },
    },
    async (request) => {
      const decided = decide(tenantOf(request), request.body);
      if (decided.ok) return decided.decision;
      if (decided.reason === 'invalid') throw invalidAt(decided.path, decided.message);
      if (decided.reason === 'unknown_policy') throw notFound(`There is no policy "${request.body.policy}".`);
      throw unavailable('database_unavailable', 'The policies are not loaded yet.');
    },
  );
}
