import { z } from 'zod';
import { evaluatedTargetSchema } from './evaluation-target.ts';

const count = z.int().min(0);
const intervalSchema = z.tuple([z.number(), z.number()]);

/** The names of the estimators, in the order of reports. */
export const estimators = ['ips', 'snips', 'dm', 'dr', 'sndr', 'switch_dr', 'dr_os'] as const;

/** A value with how far it may be off. */
const estimateSchema = z.object({
  value: z.number().nullable().meta({ description: 'null: the decisions say nothing of it.' }),
  standard_error: z.number().min(0).nullable(),
  interval: intervalSchema.nullable().meta({
    description:
      '95 %, for one look at data that were chosen before: looked at again and again while rewards come in, it is wrong far more often than 5 % of the time.',
  }),
});

/** Why decisions of the period are not in the estimate. */
const leftOutSchema = z
  .object({
    open_window: count.meta({ description: 'Their reward is still open.' }),
    no_reward: count.meta({ description: 'They have no reward: inactive, failed, or not seen yet.' }),
    not_explored: count.meta({
      description: 'Nothing was drawn: mode `baseline` or `degraded`. Imported decisions may have any mode.',
    }),
    sticky_repeat: count.meta({ description: 'They repeat the choice of their episode.' }),
    // Reports that are older left none of these out.
    repeated_draw: count.default(0).meta({
      description:
        'They were drawn from the same seed as a decision that counts in their place: the first one of their episode with `sticky: episode` and the same actions excluded, or the one that has their `external_id`.',
    }),
    no_propensity: count.meta({ description: 'Their chosen action has no probability in (0, 1].' }),
    target_undefined: count.meta({
      description: 'The target has no probabilities there, such as a version that was not logged.',
    }),
    unreadable: count.meta({
      description:
        'Gone since the evaluation began, in no form that can be read, or with a reward beyond 1e60 or a probability below 1e-60.',
    }),
  })
  .meta({ id: 'EvaluationLeftOut' });
export type EvaluationLeftOut = z.infer<typeof leftOutSchema>;

/** What is wrong with an evaluation in the eyes of who decides by it. */
const remarkSchema = z.object({ code: z.string(), message: z.string() });

/** What an evaluation found. */
export const evaluationReportSchema = z
  .object({
    target: evaluatedTargetSchema,
    reward_range: intervalSchema.meta({ description: 'Range of the specifications of these rewards.' }),
    decisions: count.meta({ description: 'Decisions of the policy in the period.' }),
    used: count.meta({ description: 'Those in the estimate.' }),
    imported: count.meta({ description: 'Of those used, decisions of imports; a gate never counts these.' }),
    left_out: leftOutSchema,
    on_policy: estimateSchema.meta({
      description: 'The mean reward of the decisions used, as they were made: the value of what decided.',
    }),
    estimates: z.array(
      estimateSchema.extend({
        estimator: z.enum(estimators),
        parameter: z.number().nullable().meta({
          description: 'τ of `switch_dr`, λ of `dr_os`, chosen by SLOPE++; null where there is none.',
        }),
      }),
    ),
    anytime: z
      .object({
        estimator: z.literal('ips'),
        interval: intervalSchema,
        confidence: z.number(),
      })
      .meta({
        description:
          'Valid at every look, however often: a confidence sequence for the mean of w·r over the period.',
      }),
    effective_sample_size: z.number().min(0).meta({ description: '(Σw)² / Σw².' }),
    mean_weight: z.number().min(0).meta({ description: 'Near 1 where the log is what it says it is.' }),
    max_weight: z.number().min(0),
    overlap: z.number().min(0).max(1).meta({
      description:
        'Share of the target’s probability on actions that the log tried with at least 0.01 / K. Where a decision has no whole probabilities, its chosen action and what is left for the others are judged.',
    }),
    verdict: z
      .object({
        usable: z.boolean(),
        reasons: z.array(remarkSchema).meta({ description: 'Why nothing should be decided by it.' }),
      })
      .meta({ description: 'Refused where too few decisions speak for the target.' }),
    warnings: z.array(remarkSchema.extend({ count: count.optional() })),
    data_digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({
        description:
          'SHA-256 of the decisions of the period that have a final reward, in order of their times and ids: 16 bytes of the id and 8 of the reward, a big-endian double, for each.',
      }),
    seconds: z.number().min(0).meta({ description: 'Since it began, or went on after a break.' }),
  })
  .meta({ id: 'EvaluationReport' });
export type EvaluationReport = z.infer<typeof evaluationReportSchema>;
