import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { durationSchema } from './time.ts';

/**
 * How a decision's reward follows from its events: the value of the first outcome of a name, within a window that
 * begins with the decision, and a value for decisions without one.
 */
export const rewardSpecificationSchema = z
  .object({
    range: z
      .tuple([z.number(), z.number()])
      .meta({ description: 'Least and largest reward; others are clipped.' }),
    window: z.object({
      after: durationSchema.meta({ description: 'How long after the decision an outcome counts.' }),
      grace: durationSchema.meta({ description: 'How long after that it may still arrive.' }),
    }),
    outcome: nameSchema.meta({
      description: 'Name of the outcome whose value is the reward; true is 1, false is 0.',
    }),
    default: z
      .number()
      .nullable()
      .meta({ description: 'Reward of a decision without that outcome; null: it is left out of learning.' }),
  })
  .strict()
  .meta({ id: 'RewardSpecification' });
export type RewardSpecification = z.infer<typeof rewardSpecificationSchema>;
