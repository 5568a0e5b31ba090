import { z } from 'zod';
import { decisionActionSchema, decisionDataSchema } from './events/decision.ts';
import { decisionModeSchema } from './events/decision-mode.ts';
import { nameSchema, uuidV7Schema } from './ids.ts';
import { featuresSchema } from './policy-configuration.ts';
import { timestampSchema } from './time.ts';
import { worded } from './wording.ts';

const ownId = z.string(worded).min(1).max(256);

/** What is asked of the gateway. */
export const decideSchema = z
  .strictObject(
    {
      id: uuidV7Schema.optional().meta({
        description:
          'Id of the decision, made by the caller at the time of asking, so that a repeated request decides once. Default: made by the gateway.',
      }),
      policy: nameSchema.meta({ description: 'The policy that is asked.' }),
      context: featuresSchema.optional().meta({ description: 'Features of the situation. Default: none.' }),
      actions: z
        .array(decisionActionSchema, worded)
        .min(1)
        .max(1000)
        .refine(
          (actions) => new Set(actions.map((action) => action.id)).size === actions.length,
          'ids must be unique',
        )
        .optional()
        .meta({
          description:
            'The choices, 1 to 1,000, the baseline first. Default: those that the policy declares.',
        }),
      excluded: z
        .array(ownId, worded)
        .max(1000)
        .optional()
        .meta({ description: 'Ids of listed actions that must not be chosen now, but not all of them.' }),
      external_id: ownId.optional().meta({
        description:
          'The application’s own id of the decision, unique within the policy; later events may name it instead of `id`. The draw then follows from it.',
        examples: ['draft-88231'],
      }),
      episode_id: ownId.optional().meta({
        description: 'The episode that the decision belongs to, such as a ticket.',
        examples: ['ticket-4711'],
      }),
      sticky: z.literal('episode', worded).optional().meta({
        description:
          'Play what the first decision of the episode played, as long as it may be chosen. Wants `episode_id`.',
      }),
      deferred: z.boolean(worded).optional().meta({
        description: 'true: it may never be shown; it counts only when an `activation` event comes in time.',
      }),
    },
    worded,
  )
  .check((payload) => {
    if (payload.value.sticky === undefined || payload.value.episode_id !== undefined) return;
    payload.issues.push({
      code: 'custom',
      input: payload.value,
      path: ['episode_id'],
      message: 'is required with sticky',
    });
  })
  .meta({ id: 'Decide' });
export type Decide = z.infer<typeof decideSchema>;

const rankedActionSchema = z
  .object({
    id: z.string().meta({ description: 'Id of the action.' }),
    probability: z.number().meta({ description: 'Probability with which it was to be chosen, in [0, 1].' }),
    excluded: z
      .literal(true)
      .optional()
      .meta({ description: 'It was excluded by the request; that is why its probability is 0.' }),
  })
  .meta({ id: 'RankedAction' });

const decided = {
  id: uuidV7Schema.meta({
    description: 'Id of the decision, to be named by events about what came of it.',
  }),
  policy: nameSchema,
  action: z.string().meta({ description: 'Id of the chosen action.' }),
  probability: z.number().meta({ description: 'Probability with which it was chosen, in (0, 1].' }),
  ranking: z.array(rankedActionSchema).meta({ description: 'All actions, the most probable first.' }),
  policy_version: nameSchema
    .nullable()
    .meta({ description: 'The version that decided; null: the baseline, perhaps explored.' }),
  checkpoint: z
    .int()
    .nullable()
    .meta({ description: 'Number of the checkpoint that scored; null: nothing was learned yet.' }),
  mode: decisionModeSchema,
  sticky_of: uuidV7Schema
    .optional()
    .meta({ description: 'The first decision of the episode, whose action is played again.' }),
};

/** What the gateway decided. */
export const decisionSchema = z.object(decided).meta({ id: 'Decision' });
export type Decision = z.infer<typeof decisionSchema>;

const contributionSchema = z
  .object({
    feature: z
      .string()
      .meta({ description: 'Name; `a^b` is a feature of the context with one of the action.' }),
    value: z.number(),
    weight: z.number().meta({ description: 'What was learned of it.' }),
    contribution: z.number().meta({ description: 'value × weight: its part in the score.' }),
  })
  .meta({ id: 'Contribution' });

const explainedActionSchema = z
  .object({
    id: z.string(),
    score: z.number().meta({ description: 'Predicted reward.' }),
    contributions: z
      .array(contributionSchema)
      .meta({ description: 'The largest parts of the score, the largest first; at most 50.' }),
    others: z.number().meta({ description: 'Sum of the contributions that are not listed.' }),
  })
  .meta({ id: 'ExplainedAction' });

/** Why the actions of a decision had their probabilities. */
export const explanationSchema = z
  .discriminatedUnion('available', [
    z.object({
      available: z.literal(true),
      version: nameSchema,
      checkpoint: z.int().nullable(),
      actions: z.array(explainedActionSchema).meta({ description: 'In the order of the decision.' }),
    }),
    z.object({
      available: z.literal(false),
      reason: z.string().meta({ description: 'Why there is none, for people.' }),
    }),
  ])
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof explanationSchema>;

/** A decision as it was logged, and why. */
export const loggedDecisionSchema = z
  .object({
    ...decided,
    occurred_at: timestampSchema,
    external_id: z.string().optional(),
    episode_id: z.string().optional(),
    logged: decisionDataSchema.meta({
      description:
        'What is known of the decision beside that: context, actions, probabilities, other versions.',
    }),
    explanation: explanationSchema,
  })
  .meta({ id: 'LoggedDecision' });
export type LoggedDecision = z.infer<typeof loggedDecisionSchema>;
