import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { fieldNameSchema } from './reward-input.ts';

/** How far a reward is. */
export const rewardStatuses = ['pending', 'final', 'defaulted', 'inactive', 'error'] as const;
export const rewardStatusSchema = z.enum(rewardStatuses).meta({
  id: 'RewardStatus',
  description:
    '`pending`: it waits for its deadline; `final`: made of events; `defaulted`: the declared default; `inactive`: there is none, and nothing is learned from the decision; `error`: an expression failed.',
});
export type RewardStatus = z.infer<typeof rewardStatusSchema>;

/** Why an event did not count. */
export const ignoredReasons = [
  'late',
  'outside_window',
  'not_first',
  'not_last',
  'wrong_scope',
  'wrong_type',
  'out_of_range',
  'unused',
  'inactive',
] as const;
export type IgnoredReason = (typeof ignoredReasons)[number];

const value = z.union([z.number(), z.boolean(), z.string()]);

/** What a reward was made of; stored beside it. */
export const rewardComponentsSchema = z
  .object({
    inputs: z
      .record(fieldNameSchema, z.object({ value, events: z.array(uuidV7Schema) }))
      .meta({ description: 'Inputs that have a value, and the events that counted; none: its default.' }),
    graders: z.record(fieldNameSchema, z.number()).optional().meta({ description: 'What graders made.' }),
    grader_errors: z
      .record(fieldNameSchema, z.string())
      .optional()
      .meta({ description: 'Kinds of the errors of graders; these have no value.' }),
    ignored: z
      .array(z.object({ id: uuidV7Schema, reason: z.enum(ignoredReasons) }))
      .meta({ description: 'Events that were there and did not count.' }),
    by: z.enum(['value', 'default', 'override', 'nothing']).meta({
      description: 'What gave the reward: the expression, the default, an override; or nothing did.',
    }),
    override: z.int().min(0).optional().meta({ description: 'Index of the override.' }),
    unclipped: z.number().optional().meta({ description: 'What it was before it was clipped.' }),
    credit: z
      .object({
        weight: z
          .number()
          .meta({ description: 'Share of the episode’s outcome that reaches it, in [0, 1].' }),
        alone: z.number().nullable().meta({ description: 'Reward without what is said of the episode.' }),
        whole: z.number().nullable().meta({ description: 'Reward with all of it.' }),
      })
      .optional(),
    error: z
      .object({
        kind: z.string(),
        where: z.string().meta({ description: 'JSON pointer into the definition.' }),
        message: z.string(),
        line: z.int().optional(),
        column: z.int().optional(),
      })
      .optional(),
    superseded_by: uuidV7Schema.optional(),
    activated_by: uuidV7Schema.optional(),
  })
  .meta({ id: 'RewardComponents' });
export type RewardComponents = z.infer<typeof rewardComponentsSchema>;

/** A decision's reward by one version of the specification. */
export const rewardSchema = z
  .object({
    decision_id: uuidV7Schema,
    policy: nameSchema,
    spec_version: z.int().min(1).meta({ description: 'Version of the specification that made it.' }),
    status: rewardStatusSchema,
    reason: z.string().nullable().meta({ description: 'Why it is inactive, or the kind of its error.' }),
    value: z.number().nullable().meta({ description: 'The reward; null: there is none, or none yet.' }),
    provisional: z
      .object({ value: z.number(), at: timestampSchema })
      .nullable()
      .meta({ description: 'What it would be by what is known, once that is complete (`early_when`).' }),
    occurred_at: timestampSchema.meta({ description: 'When the decision was made.' }),
    deadline: timestampSchema
      .nullable()
      .meta({ description: 'When it closes; null: its import is not complete.' }),
    closed_at: timestampSchema.nullable(),
    recomputed: z.boolean().meta({ description: 'Made later, by another version: nothing learns from it.' }),
  })
  .meta({ id: 'Reward' });
export type Reward = z.infer<typeof rewardSchema>;

/** An event of a decision, and what it did to the reward. */
export const explainedEventSchema = z.object({
  id: uuidV7Schema,
  type: z.string().nullable().meta({ description: 'null: the event is not in the database any more.' }),
  name: z.string().nullable(),
  occurred_at: timestampSchema.nullable(),
  received_at: timestampSchema.nullable(),
  counted_in: z.array(fieldNameSchema).meta({ description: 'Inputs in which it counted.' }),
  ignored: z.enum(ignoredReasons).nullable(),
  why: z.string().meta({ description: 'What it did, or why it did nothing, for a person.' }),
});

/** Why a reward is what it is. */
export const explainedRewardSchema = rewardSchema
  .extend({
    summary: z.array(z.string()).meta({ description: 'Why this number, in sentences.' }),
    range: z.tuple([z.number(), z.number()]),
    inputs: z.array(
      z.object({
        name: fieldNameSchema,
        value: value.nullable().meta({ description: 'null: no event counted.' }),
        from: z.enum(['events', 'default', 'nothing', 'grader']),
        reads: z.string().meta({ description: 'What it reads, for a person.' }),
        events: z.array(uuidV7Schema),
      }),
    ),
    terms: z
      .array(z.object({ text: z.string(), value: z.number() }))
      .meta({ description: 'The parts of the expression; they add up to the reward before it is clipped.' }),
    events: z.array(explainedEventSchema).meta({ description: 'All events of the decision, by time.' }),
    components: rewardComponentsSchema.nullable(),
    other_versions: z
      .array(rewardSchema)
      .meta({ description: 'Rewards of the same decision by other versions of the specification.' }),
  })
  .meta({ id: 'ExplainedReward' });
export type ExplainedReward = z.infer<typeof explainedRewardSchema>;
