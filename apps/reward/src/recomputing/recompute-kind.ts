import type { JobKind } from '@rlaas/database';
import { nameSchema, recomputeRewardsSchema, rewardComparisonSchema, uuidV7Schema } from '@rlaas/schemas';
import { z } from 'zod';

const inputSchema = recomputeRewardsSchema.safeExtend({ policy: nameSchema });
const count = z.int().min(0);
const stateSchema = z.object({
  /** The decision that was looked at last; null: none yet. */
  after: z.object({ occurredAt: z.number(), id: uuidV7Schema }).nullable(),
  total: count,
  decisions: count,
  written: count,
  there: count,
  differing: count,
  comparison: rewardComparisonSchema,
  both: count,
});
export type RecomputeInput = z.infer<typeof inputSchema>;
export type RecomputeState = z.infer<typeof stateSchema>;

/** Rewards of a period by a version of the specification, beside those that decisions have. */
export const recomputeKind: JobKind<RecomputeInput, RecomputeState> = {
  name: 'reward_recompute',
  input: inputSchema,
  state: stateSchema,
};
