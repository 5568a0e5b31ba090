import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { featuresSchema } from '../policy-configuration.ts';
import { worded } from '../wording.ts';
import { decisionModeSchema } from './decision-mode.ts';
import { checkDecision } from './decision-rules.ts';
import { envelope } from './envelope.ts';

const actionId = z.string(worded).min(1).max(256);

/** An action as it is listed with a decision. */
export const decisionActionSchema = z.strictObject(
  {
    id: actionId.meta({ description: 'Id of the action, 1 to 256 characters, unique within the decision.' }),
    features: featuresSchema.optional().meta({ description: 'What is known of the action.' }),
  },
  worded,
);

const probability = z.number(worded).min(0).max(1);
const share = z.number(worded).gt(0).max(1);

const shadowSchema = z.strictObject(
  {
    version: nameSchema.meta({ description: 'Version that would have decided.' }),
    checkpoint: z
      .int(worded)
      .min(0)
      .nullable()
      .optional()
      .meta({ description: 'Number of its checkpoint, from 0; null: none yet.' }),
    share: share.optional().meta({
      description: 'Share of the decisions that it makes, in (0, 1]; absent: none.',
    }),
    probabilities: z
      .array(probability, worded)
      .min(1)
      .max(1000)
      .meta({ description: 'Its probability of each action, in [0, 1], in the order of the actions.' }),
  },
  worded,
);

/** What is known of a decision beside its envelope. */
export const decisionDataSchema = z
  .strictObject(
    {
      context: featuresSchema.meta({ description: 'Features of the situation.' }),
      actions: z
        .array(decisionActionSchema, worded)
        .min(1)
        .max(1000)
        .meta({ description: 'The choices, 1 to 1,000; the baseline first.' }),
      probabilities: z.array(probability, worded).min(1).max(1000).optional().meta({
        description:
          'Probability of each action, in [0, 1], in the order of the actions; they sum to 1. Those of the deciding version. Only imported decisions may lack them.',
      }),
      chosen: z.int(worded).min(0).meta({ description: 'Index of the chosen action, from 0.' }),
      propensity: share.meta({
        description:
          'Probability with which the deciding version chose the action, in (0, 1]: that of `probabilities` where they are there.',
      }),
      policy_version: nameSchema
        .nullable()
        .meta({ description: 'The deciding version; null: the baseline.' }),
      checkpoint: z
        .int(worded)
        .min(0)
        .nullable()
        .meta({ description: 'Number of its checkpoint, from 0; null: none yet.' }),
      mode: decisionModeSchema,
      version_share: share.optional().meta({
        description: 'Share of the decisions that the deciding version makes, in (0, 1].',
      }),
      shadow: z
        .array(shadowSchema, worded)
        .max(5)
        .optional()
        .meta({ description: 'What other versions would have done, at most 5.' }),
      deferred: z
        .boolean(worded)
        .optional()
        .meta({ description: 'true: it counts only from an `activation` on, since it may never be shown.' }),
      excluded: z.array(actionId, worded).max(1000).optional().meta({
        description: 'Ids of listed actions that must not be chosen here, at most 1,000.',
      }),
      sticky_of: uuidV7Schema.optional().meta({
        description: 'The decision whose choice this one repeats, being of the same episode.',
      }),
      sticky: z.literal('episode', worded).optional().meta({
        description: 'The draw followed from the episode, so it is shared with other decisions of it.',
      }),
      group_id: uuidV7Schema
        .optional()
        .meta({ description: 'The same for all slots of one decision of several slots.' }),
      supersedes: uuidV7Schema.optional().meta({ description: 'The decision that this one replaces.' }),
      failed_version: nameSchema.optional().meta({
        description: 'The version that was to decide and failed; another one, or the baseline, did.',
      }),
      failed_beside: nameSchema.optional().meta({
        description:
          'The version under test that could not say what it would have done, while it was not its turn.',
      }),
      latency_ms: z
        .number(worded)
        .min(0)
        .optional()
        .meta({ description: 'How long deciding took, in milliseconds, from 0.' }),
    },
    worded,
  )
  .check(checkDecision)
  .meta({ description: 'The choice, its probabilities and who made it.' });
export type DecisionData = z.infer<typeof decisionDataSchema>;

/** A decision. The event's id is the decision's id. */
export const decisionEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('decision', worded).meta({ description: 'Type of the event: `decision`.' }),
      policy: nameSchema.meta({ description: 'The policy that was asked.' }),
      decision_id: z
        .never({ error: 'must not be there: the id of a decision is that of its event' })
        .optional()
        .meta({ description: 'Never there: the id of a decision is that of its event.' }),
      data: decisionDataSchema,
    },
    worded,
  )
  .meta({
    id: 'DecisionEvent',
    title: 'Decision',
    description:
      'One choice of an action, with the probability it was made with. The id of the event is the id of the decision.',
    examples: [
      {
        id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
        type: 'decision',
        schema_version: 1,
        occurred_at: '2026-03-01T09:30:00.000Z',
        source: 'gateway',
        policy: 'support-draft',
        external_id: 'draft-88231',
        episode_id: 'ticket-4711',
        subject: 'customer-190',
        data: {
          context: { language: 'en', customer: { plan: 'business', tickets: 3 } },
          actions: [{ id: 'short', features: { words: 60 } }, { id: 'detailed' }, { id: 'refund' }],
          probabilities: [0.2, 0.8, 0],
          chosen: 1,
          propensity: 0.8,
          policy_version: 'support-draft-v0',
          checkpoint: 12,
          mode: 'canary',
          version_share: 0.1,
          shadow: [{ version: 'support-draft-v1', probabilities: [0.5, 0.5, 0] }],
          excluded: ['refund'],
          latency_ms: 1.4,
        },
      },
    ],
  });
export type DecisionEvent = z.infer<typeof decisionEventSchema>;
