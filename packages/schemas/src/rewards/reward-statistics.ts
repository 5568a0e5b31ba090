import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { rewardFindingSchema } from './reward-finding.ts';
import { rewardSpecificationSchema } from './reward-specification.ts';
import { rewardComponentsSchema, rewardStatusSchema } from './reward.ts';

const count = z.int().min(0);

/** What rewards of many decisions are like. */
export const rewardStatisticsSchema = z
  .object({
    decisions: count,
    statuses: z.record(rewardStatusSchema, count),
    reasons: z
      .record(z.string(), count)
      .meta({ description: 'Of those without a reward: why, and kinds of errors.' }),
    clipped: count,
    mean: z.number().nullable().meta({ description: 'Of the rewards that there are; null: there are none.' }),
    least: z.number().nullable(),
    largest: z.number().nullable(),
    histogram: z.object({
      from: z.number(),
      to: z.number(),
      counts: z.array(count).meta({ description: 'Rewards in 20 parts of the range, all of one width.' }),
    }),
  })
  .meta({ id: 'RewardStatistics' });
export type RewardStatistics = z.infer<typeof rewardStatisticsSchema>;

/** How two versions differ on the same decisions. */
export const rewardComparisonSchema = z
  .object({
    from: rewardStatisticsSchema,
    to: rewardStatisticsSchema,
    changed: count.meta({ description: 'Decisions whose status or value differs.' }),
    mean_difference: z
      .number()
      .nullable()
      .meta({ description: 'Of the decisions that both give a reward; null: there are none.' }),
    transitions: z
      .record(z.string(), count)
      .meta({ description: 'Statuses before and after, such as `defaulted → final`, where they differ.' }),
    largest_changes: z.array(
      z.object({
        decision_id: uuidV7Schema,
        from: z.number().nullable(),
        to: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'RewardComparison' });
export type RewardComparison = z.infer<typeof rewardComparisonSchema>;

/** One decision of a preview. */
export const previewedRewardSchema = z.object({
  decision_id: uuidV7Schema,
  occurred_at: timestampSchema,
  status: rewardStatusSchema,
  reason: z.string().nullable(),
  value: z.number().nullable().meta({ description: 'Of a pending one: what it would be by what is known.' }),
  components: rewardComponentsSchema,
});

const sample = z.int().min(1).max(5000).default(1000);

/** What a specification would make of the last decisions of a policy. */
export const previewRewardSchema = z
  .strictObject({
    policy: nameSchema,
    definition: rewardSpecificationSchema,
    decisions: sample.meta({ description: 'How many of the last decisions, 1 to 5,000.' }),
    examples: z.int().min(0).max(100).default(10).meta({ description: 'How many are shown one by one.' }),
  })
  .meta({ id: 'PreviewReward' });
export type PreviewReward = z.infer<typeof previewRewardSchema>;

export const rewardPreviewSchema = z
  .object({
    statistics: rewardStatisticsSchema,
    current: z
      .object({ version: z.int().min(1), comparison: rewardComparisonSchema })
      .nullable()
      .meta({ description: 'Beside the newest version on the same decisions; null: there is none.' }),
    warnings: z.array(rewardFindingSchema),
    examples: z.array(previewedRewardSchema).meta({ description: 'The latest decisions first.' }),
  })
  .meta({ id: 'RewardPreview' });
export type RewardPreview = z.infer<typeof rewardPreviewSchema>;

export const rewardDifferenceQuerySchema = z.object({
  from: z.coerce.number().int().min(1).meta({ description: 'One version.' }),
  to: z.coerce.number().int().min(1).meta({ description: 'The other one.' }),
  decisions: z.coerce
    .number()
    .int()
    .min(1)
    .max(5000)
    .default(1000)
    .meta({ description: 'How many of the last decisions, 1 to 5,000.' }),
});

/** Two versions of a specification on the same history. */
export const rewardDifferenceSchema = z
  .object({
    policy: nameSchema,
    versions: z.object({ from: z.int(), to: z.int() }),
    definition: z.array(
      z.object({
        path: z.string().meta({ description: 'JSON pointer into the definition.' }),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
    comparison: rewardComparisonSchema,
  })
  .meta({ id: 'RewardDifference' });
export type RewardDifference = z.infer<typeof rewardDifferenceSchema>;

/** What is asked of a recomputation. */
export const recomputeRewardsSchema = z
  .strictObject({
    version: z.int().min(1).meta({ description: 'Version of the specification that makes the new rewards.' }),
    from: timestampSchema.meta({ description: 'Decisions that were made from then on,' }),
    to: timestampSchema.meta({ description: 'and before then.' }),
    dry_run: z.boolean().default(false).meta({ description: 'true: only compares; writes nothing.' }),
    decisions_per_second: z
      .int()
      .min(1)
      .max(100_000)
      .default(2_000)
      .meta({ description: 'At most this many, so that live rewards are not held up.' }),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than `from`' })
  .meta({ id: 'RecomputeRewards' });
export type RecomputeRewards = z.infer<typeof recomputeRewardsSchema>;

/** What a recomputation found and did. */
export const recomputedRewardsSchema = z
  .object({
    decisions: count,
    written: count.meta({ description: 'New rewards.' }),
    there: count.meta({ description: 'Decisions that had a reward by this version: it stays as it is.' }),
    differing: count.meta({
      description: 'Of those, how many would be another one now: events were erased or moved since.',
    }),
    comparison: rewardComparisonSchema.meta({
      description: 'Rewards by which decisions were learned from so far, and the new ones.',
    }),
  })
  .meta({ id: 'RecomputedRewards' });
export type RecomputedRewards = z.infer<typeof recomputedRewardsSchema>;
