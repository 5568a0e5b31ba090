import { z } from 'zod';
import { durationSchema } from '../time.ts';

const probability = z.number().gt(0).lt(1);
/** Of the declared range of rewards. */
const margin = z.number().min(0).max(0.5);

/** An event metric that a candidate must not raise. */
const guardrailSchema = z
  .object({
    outcome: z.string().min(1).max(100).meta({
      description: 'Name of the outcome events that it is made of; a unit without any counts as 0.',
    }),
    above: z.number().optional().meta({
      description:
        'The metric is 1 where a value is above this, else 0. Default: the largest value itself, in [0, 1]; true is 1.',
    }),
    margin: z.number().gt(0).max(0.5).default(0.05).meta({
      description: 'By how much its mean may rise, in (0, 0.5].',
    }),
  })
  .strict();

/** How versions of a policy are tested and get their traffic. Taken over when a rollout starts. */
export const rolloutSettingsSchema = z
  .object({
    canary_steps: z
      .array(probability)
      .min(1)
      .max(10)
      .refine(
        (steps) => steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)),
        'must rise from step to step',
      )
      .default([0.01, 0.05, 0.25, 0.5])
      .meta({ description: 'Shares of the traffic of a canary, one after the other.' }),
    margin: margin.default(0.02).meta({
      description:
        'How much worse a candidate may be and still get traffic, as a share of the range of rewards.',
    }),
    rollback_margin: margin
      .refine((value) => value > 0, 'must be greater than 0')
      .default(0.02)
      .meta({
        description: 'How much worse it has to be, at least, to be rolled back; a share of the range.',
      }),
    alpha: probability
      .max(0.5)
      .default(0.05)
      .meta({ description: 'Probability of a false promotion, however often one looks.' }),
    rollback_alpha: probability
      .max(0.5)
      .default(0.01)
      .meta({ description: 'Probability of a false rollback by the process of a start.' }),
    error: z.enum(['per_start', 'per_policy']).default('per_start').meta({
      description:
        '`per_start`: each start may promote falsely with probability alpha; `per_policy`: all that are ever started, together.',
    }),
    promote: z.enum(['superior', 'non_inferior']).default('superior').meta({
      description: 'What it takes to become active: to be better, or not to be worse by the margin.',
    }),
    approval: z
      .array(z.enum(['canary', 'active']))
      .max(2)
      .default([])
      .meta({ description: 'Steps for which a person is asked, even when the gate passes.' }),
    dwell: durationSchema.default('10m').meta({
      description: 'Least time in shadow and in each step; in canary at least the reward window.',
    }),
    least_rewards: z.int().min(1).default(200).meta({
      description: 'Rewards of the candidate that must have closed in a canary step.',
    }),
    max_units: z.int().min(1_000).default(2_000_000).meta({
      description: 'Without a verdict after so many units the candidate is retired.',
    }),
    episode_window: durationSchema.default('1h').meta({
      description: 'Decisions of an episode count for so long after its first one.',
    }),
    episode_weight_limit: z.number().min(1).max(1_000).default(20).meta({
      description: 'Largest weight of an episode in shadow whose actions were drawn one by one.',
    }),
    guardrails: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be a name: a-z, 0-9 and "_"'), guardrailSchema)
      .refine((guardrails) => Object.keys(guardrails).length <= 10, 'must be at most 10')
      .refine(
        (guardrails) => !Object.hasOwn(guardrails, 'failures') && !Object.hasOwn(guardrails, 'left_out'),
        'must not be named "failures" or "left_out": those are always there',
      )
      .default({}),
  })
  .strict()
  .meta({ id: 'RolloutSettings' });
export type RolloutSettings = z.infer<typeof rolloutSettingsSchema>;
