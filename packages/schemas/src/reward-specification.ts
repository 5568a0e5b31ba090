import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { configurationSourceSchema, writtenBySchema } from './policies.ts';
import { durationSchema, timestampSchema } from './time.ts';

/**
 * How a decision's reward follows from its events: the value of the first outcome of a name, within a window that
 * begins with the decision, and a value for decisions without one.
 */
export const rewardSpecificationSchema = z
  .object({
    range: z
      .tuple([z.number(), z.number()])
      .refine(([least, largest]) => least < largest, 'must be the least reward and a larger one')
      .meta({ description: 'Least and largest reward; others are clipped.' }),
    window: z
      .object({
        after: durationSchema.meta({ description: 'How long after the decision an outcome counts.' }),
        grace: durationSchema.meta({ description: 'How long after that it may still arrive.' }),
      })
      .strict(),
    outcome: nameSchema.meta({
      description: 'Name of the outcome whose value is the reward; true is 1, false is 0.',
    }),
    default: z
      .number()
      .nullable()
      .meta({ description: 'Reward of a decision without that outcome; null: it is left out of learning.' }),
  })
  .strict()
  .refine(
    ({ range: [least, largest], default: value }) => value === null || (value >= least && value <= largest),
    { path: ['default'], message: 'must be within the range, or null' },
  )
  .meta({ id: 'RewardSpecification' });
export type RewardSpecification = z.infer<typeof rewardSpecificationSchema>;

/** The definition as it is stored: it never changes, a changed one is the next version. */
export const storedRewardSpecificationSchema = z
  .object({
    policy: nameSchema,
    version: z.int().min(1).meta({ description: 'From 1; the newest is used for new decisions.' }),
    definition: rewardSpecificationSchema,
    source: configurationSourceSchema,
    created_at: timestampSchema,
  })
  .meta({ id: 'StoredRewardSpecification' });
export type StoredRewardSpecification = z.infer<typeof storedRewardSpecificationSchema>;

/** What is asked of a policy's reward specification. */
export const putRewardSpecificationSchema = z
  .object({ definition: rewardSpecificationSchema, source: writtenBySchema })
  .strict()
  .meta({ id: 'PutRewardSpecification' });
export type PutRewardSpecification = z.infer<typeof putRewardSpecificationSchema>;
