import { z } from 'zod';
import { nameSchema, uuidV7Schema } from './ids.ts';
import { featuresSchema } from './policy-configuration.ts';
import { timestampSchema } from './time.ts';

/** In which way a decision was made. */
export const decisionModes = ['live', 'shadow_only', 'baseline', 'degraded'] as const;
export const decisionModeSchema = z.enum(decisionModes).meta({
  id: 'DecisionMode',
  description:
    '`live`: by the active version; `shadow_only`: no version is active, the explored baseline plays; `baseline`: the application chose by itself; `degraded`: nothing could be scored or logged.',
});
export type DecisionMode = z.infer<typeof decisionModeSchema>;

/** An action as it is listed with a decision. */
export const decisionActionSchema = z
  .object({
    id: z.string().min(1).max(256).meta({ description: 'Id of the action.' }),
    features: featuresSchema.optional().meta({ description: 'What is known of the action.' }),
  })
  .strict();

const probability = z.number().min(0).max(1);

/** What every event has. */
const envelope = {
  id: uuidV7Schema.meta({ description: 'Id of the event, made by its sender; the same id is stored once.' }),
  schema_version: z.literal(1).default(1).meta({ description: 'Version of this form.' }),
  occurred_at: timestampSchema.meta({ description: 'When it happened.' }),
  source: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'Who sent it.', examples: ['help-desk'] }),
};

/** A decision. The event's id is the decision's id. */
export const decisionEventSchema = z
  .object({
    ...envelope,
    type: z.literal('decision'),
    policy: nameSchema,
    data: z
      .object({
        context: featuresSchema.meta({ description: 'Features of the situation.' }),
        actions: z.array(decisionActionSchema).min(1).max(1000),
        probabilities: z
          .array(probability)
          .min(1)
          .max(1000)
          .meta({ description: 'Of each action, in [0, 1].' }),
        chosen: z.int().min(0).meta({ description: 'Index of the chosen action.' }),
        propensity: probability
          .gt(0)
          .meta({ description: 'Probability with which the chosen action was chosen, in (0, 1].' }),
        policy_version: nameSchema
          .nullable()
          .meta({ description: 'The deciding version; null: the baseline.' }),
        checkpoint: z
          .int()
          .min(0)
          .nullable()
          .meta({ description: 'Number of its checkpoint; null: none yet.' }),
        mode: decisionModeSchema,
      })
      .strict()
      .refine(
        (data) => data.probabilities.length === data.actions.length && data.chosen < data.actions.length,
        {
          message: 'there must be a probability for each action, and the chosen one among them',
          path: ['probabilities'],
        },
      ),
  })
  .strict()
  .meta({ id: 'DecisionEvent' });
export type DecisionEvent = z.infer<typeof decisionEventSchema>;

/** What happened after a decision. */
const outcomeEventSchema = z
  .object({
    ...envelope,
    type: z.literal('outcome'),
    decision_id: uuidV7Schema.meta({
      description: 'The decision it is about; it may arrive later than this.',
    }),
    data: z
      .object({
        name: nameSchema.meta({ description: 'What happened.', examples: ['sent', 'reopened'] }),
        value: z
          .union([z.boolean(), z.number(), z.string().max(1000)])
          .meta({ description: 'How: a yes or no, a number, or a text.' }),
      })
      .strict(),
  })
  .strict()
  .meta({ id: 'OutcomeEvent' });

/** A reward that was computed outside of RLaaS. */
const rewardEventSchema = z
  .object({
    ...envelope,
    type: z.literal('reward'),
    decision_id: uuidV7Schema.meta({ description: 'The decision it is for.' }),
    data: z.object({ value: z.number().meta({ description: 'The reward.' }) }).strict(),
  })
  .strict()
  .meta({ id: 'RewardEvent' });

export const eventSchema = z.discriminatedUnion('type', [
  decisionEventSchema,
  outcomeEventSchema,
  rewardEventSchema,
]);
export type Event = z.infer<typeof eventSchema>;

/** Why an event was not stored. */
export const eventCodes = [
  'schema_invalid',
  'not_allowed',
  'unknown_type',
  'unsupported_version',
  'id_conflict',
  'occurred_in_future',
  'not_persisted',
] as const;
const eventCodeSchema = z.enum(eventCodes);
export type EventCode = z.infer<typeof eventCodeSchema>;

/** A batch: each event is looked at by itself, so one that is wrong does not hold up the others. */
export const ingestBodySchema = z
  .object({
    events: z.array(z.unknown()).min(1).max(1000).meta({ description: '1 to 1,000 events.' }),
  })
  .strict()
  .meta({ id: 'IngestBody' });

const eventResultSchema = z.object({
  index: z.int().min(0).meta({ description: 'Place in the batch, from 0.' }),
  id: z.string().nullable(),
  status: z.enum(['accepted', 'duplicate', 'rejected', 'retry']),
  code: eventCodeSchema.optional(),
  path: z.string().optional().meta({ description: 'JSON pointer to the mistake in the event.' }),
  message: z.string().optional(),
});
export type EventResult = z.infer<typeof eventResultSchema>;

export const ingestAnswerSchema = z
  .object({
    request_id: z.string(),
    received_at: timestampSchema,
    counts: z.object({
      received: z.int(),
      accepted: z.int(),
      duplicate: z.int(),
      rejected: z.int(),
      retry: z.int(),
    }),
    results: z.array(eventResultSchema).meta({ description: 'All that is not accepted.' }),
  })
  .meta({ id: 'IngestAnswer' });
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;
