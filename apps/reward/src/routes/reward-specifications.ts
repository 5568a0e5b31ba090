import {
  nameSchema,
  problemSchema,
  putRewardSpecificationSchema,
  storedRewardSpecificationSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { Specifications } from '../specifications/specifications.ts';

const params = z.object({ policy: nameSchema });
const tags = ['reward specifications'];
// Loose: what is not named here must stay in the request.
const headers = z.looseObject({
  'if-match': z
    .string()
    .regex(/^"\d{1,9}"$/, 'must be one etag, with its quotation marks')
    .optional()
    .meta({
      description: 'Make the next version only while the newest has this `etag`; `"0"`: while there is none.',
    }),
});

/** `/v1/reward-specs/{policy}`: how the rewards of a policy's decisions are made. */
export function rewardSpecificationRoutes(app: ServiceApp, specifications: Specifications): void {
  app.get(
    '/v1/reward-specs/:policy',
    {
      config: { access: { scope: 'rewards:read' } },
      schema: {
        tags,
        summary: 'Show the newest specification of a policy',
        params,
        response: { 200: storedRewardSpecificationSchema },
      },
    },
    async (request, reply) => {
      const { policy } = request.params;
      const found = await specifications.find(tenantOf(request), policy);
      if (!found) throw notFound(`There is no reward specification of a policy "${policy}".`);
      return reply.header('etag', `"${found.version}"`).send(found);
    },
  );

  app.put(
    '/v1/reward-specs/:policy',
    {
      config: { access: { scope: 'rewards:write' } },
      schema: {
        tags,
        summary: 'Make the next version of a specification',
        description:
          'The same definition as that of the newest version makes none. Decisions that have a reward, or wait for one, keep the version that they began with. The policy may come later.',
        params,
        headers,
        body: putRewardSpecificationSchema,
        response: {
          200: storedRewardSpecificationSchema,
          201: storedRewardSpecificationSchema,
          409: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { policy } = request.params;
      const expected = request.headers['if-match'];
      const put = await specifications.put(
        tenantOf(request),
        actorOf(request),
        policy,
        request.body,
        expected === undefined ? undefined : Number(expected.slice(1, -1)),
      );
      if (put.outcome === 'unexpected') {
        throw conflict(
          put.newest === 0
            ? `There is no reward specification of a policy "${policy}" yet.`
            : `The newest version is ${put.newest}, not what you expect. Read it, and send your change again with its etag.`,
        );
      }
      const { specification } = put;
      return reply
        .code(put.outcome === 'created' ? 201 : 200)
        .header('etag', `"${specification.version}"`)
        .send(specification);
    },
  );
}
