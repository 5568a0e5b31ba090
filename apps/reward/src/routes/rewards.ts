import {
  decodeCursor,
  explainedRewardSchema,
  nameSchema,
  pageOf,
  pageQuerySchema,
  pageSchema,
  rewardSchema,
  rewardStatusSchema,
  timestampSchema,
  uuidV7Schema,
} from '@rlaas/schemas';
import { type ServiceApp, invalidAt, notFound, tenantOf } from '@rlaas/service';
import { z } from 'zod';
import type { RewardReader } from '../explanations/reward-reader.ts';

const tags = ['rewards'];
const access = { scope: 'rewards:read' } as const;
const version = z.coerce.number().int().min(1).optional();

/** `/v1/rewards`: what decisions turned out to be worth, and why. */
export function rewardRoutes(app: ServiceApp, rewards: RewardReader): void {
  app.get(
    '/v1/rewards',
    {
      config: { access },
      schema: {
        tags,
        summary: 'List rewards, those of the newest decisions first',
        querystring: pageQuerySchema.extend({
          policy: nameSchema.optional(),
          status: rewardStatusSchema.optional(),
          spec_version: version.meta({ description: 'Only rewards by this version of the specification.' }),
          from: timestampSchema.optional().meta({ description: 'Decisions that were made from then on,' }),
          until: timestampSchema.optional().meta({ description: 'and before then.' }),
        }),
        response: { 200: pageSchema(rewardSchema) },
      },
    },
    async (request) => {
      const { limit, cursor, policy, status, spec_version: specVersion, from, until } = request.query;
      const rows = await rewards.list(
        tenantOf(request),
        {
          policy,
          status,
          specVersion,
          from: from === undefined ? undefined : Date.parse(from),
          until: until === undefined ? undefined : Date.parse(until),
        },
        { after: cursor === undefined ? undefined : placeOf(cursor), limit: limit + 1 },
      );
      return pageOf(rows, limit, (row) => `${row.decision_id}/${row.spec_version}`);
    },
  );

  app.get(
    '/v1/rewards/:decision_id',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Why is the reward of a decision what it is?',
        description:
          'The value, the parts it is made of, which events counted and which did not and why, in sentences and in members. Without `spec_version`: the reward that is learned from.',
        params: z.object({ decision_id: uuidV7Schema }),
        querystring: z.object({ spec_version: version }),
        response: { 200: explainedRewardSchema },
      },
    },
    async (request) => {
      const { decision_id: decisionId } = request.params;
      const found = await rewards.explain(tenantOf(request), decisionId, request.query.spec_version);
      if (found) return found;
      throw notFound(
        'This decision has no reward. It may not have arrived yet, or its policy had no reward specification when it did.',
      );
    },
  );
}

function placeOf(cursor: string): { decisionId: string; specVersion: number } {
  const [id, number] = (decodeCursor(cursor) ?? '').split('/');
  const decisionId = uuidV7Schema.safeParse(id);
  const specVersion = version.safeParse(number);
  if (!decisionId.success || !specVersion.success || specVersion.data === undefined) {
    throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
  }
  return { decisionId: decisionId.data, specVersion: specVersion.data };
}
