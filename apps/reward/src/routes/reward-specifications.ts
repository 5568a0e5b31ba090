import {
  decodeCursor,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  problemSchema,
  putRewardSpecificationSchema,
  storedRewardSpecificationSchema,
} from '@rlaas/schemas';
import { type ServiceApp, actorOf, conflict, invalidAt, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { Specifications } from '../specifications/specifications.ts';
import { specificationRefused } from './specification-refusal.ts';

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
    '/v1/reward-specs',
    {
      config: { access: { scope: 'rewards:read' } },
      schema: {
        tags,
        summary: 'List specifications',
        description:
          'The newest version of each policy; with `policy` all versions of that one, the newest first.',
        querystring: pageQuerySchema.extend({ policy: nameSchema.optional() }),
        response: { 200: pageSchema(storedRewardSpecificationSchema) },
      },
    },
    async (request) => {
      const { limit, cursor, policy } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      const wanted = policy === undefined ? nameSchema : z.coerce.number().int().min(1);
      if (after !== undefined && !wanted.safeParse(after).success) {
        throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
      }
      const rows = await specifications.list(tenantOf(request), { policy, after, limit: limit + 1 });
      return pageOf(rows, limit, (row) => (policy === undefined ? row.policy : String(row.version)));
    },
  );

  app.get(
    '/v1/reward-specs/:policy',
    {
      config: { access: { scope: 'rewards:read' } },
      schema: {
        tags,
        summary: 'Show the newest specification of a policy, or one of its versions',
        params,
        querystring: z.object({
          version: z.coerce.number().int().min(1).optional().meta({ description: 'Absent: the newest.' }),
        }),
        response: { 200: storedRewardSpecificationSchema },
      },
    },
    async (request, reply) => {
      const { policy } = request.params;
      const { version } = request.query;
      const found = await specifications.find(tenantOf(request), policy, version);
      if (!found) {
        throw notFound(
          version === undefined
            ? `There is no reward specification of a policy "${policy}".`
            : `The reward specification of "${policy}" has no version ${version}.`,
        );
      }
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
          422: problemSchema,
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
      if (put.outcome === 'refused') throw specificationRefused(put.mistakes, '/definition');
      const { specification } = put;
      return reply
        .code(put.outcome === 'created' ? 201 : 200)
        .header('etag', `"${specification.version}"`)
        .send(specification);
    },
  );
}
