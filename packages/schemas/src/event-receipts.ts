import { z } from 'zod';
import { deadLetterSchema } from './dead-letters.ts';
import { eventTypeSchema } from './events/event.ts';
import { nameSchema, uuidV7Schema } from './ids.ts';
import { pageQuerySchema, pageSchema } from './lists.ts';
import { timestampSchema } from './time.ts';
import { worded } from './wording.ts';

const batchIdSchema = z
  .string()
  .regex(/^\d+$/)
  .meta({ description: 'Number of the batch it was stored with, a text of digits.', examples: ['48213'] });

/** An event as it is stored: what its sender wrote, but for the subject. */
export const storedEventSchema = z
  .object({
    received_at: timestampSchema.meta({ description: 'When it was received.' }),
    batch_id: batchIdSchema,
    id: uuidV7Schema.meta({ description: 'Id of the event.' }),
    type: eventTypeSchema,
    schema_version: z.int().min(1).meta({ description: 'Version of its form.' }),
    occurred_at: timestampSchema.meta({ description: 'When it happened.' }),
    source: z.string().meta({ description: 'Who sent it.' }),
    policy: nameSchema.optional().meta({ description: 'Policy of the decisions it is about.' }),
    decision_id: uuidV7Schema
      .optional()
      .meta({ description: 'The decision it is about; for a decision its own id.' }),
    external_id: z.string().optional().meta({ description: 'The application’s own id of the decision.' }),
    episode_id: z.string().optional().meta({ description: 'The episode it belongs to.' }),
    subject: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description:
          'Keyed hash of the person it is about, 64 hexadecimal digits: equal for the same person of a tenant.',
      }),
    data: z.unknown().optional().meta({ description: 'What the type says; see /v1/schemas.' }),
  })
  .meta({ id: 'StoredEvent' });
export type StoredEvent = z.infer<typeof storedEventSchema>;

export const storedEventPageSchema = pageSchema(storedEventSchema);

/** What became of an event that was sent. */
export const eventReceiptSchema = z
  .object({
    id: z.string().meta({ description: 'Id of the event.' }),
    status: z
      .enum(['accepted', 'rejected'])
      .meta({ description: '`accepted`: it is stored; `rejected`: it is a dead letter.' }),
    received_at: timestampSchema.meta({ description: 'When it was received.' }),
    batch_id: batchIdSchema.nullable().meta({
      description: 'Number of the batch it was stored with, a text of digits; null: it was rejected.',
    }),
    import_id: uuidV7Schema.nullable().meta({ description: 'The import it is part of; null: none.' }),
    event: storedEventSchema.nullable().meta({ description: 'The event; null: it was rejected.' }),
    dead_letter: deadLetterSchema
      .nullable()
      .meta({ description: 'What was wrong with it; null: it was accepted.' }),
  })
  .meta({ id: 'EventReceipt' });
export type EventReceipt = z.infer<typeof eventReceiptSchema>;

/** Query of the list of events. */
export const eventQuerySchema = pageQuerySchema.extend({
  policy: nameSchema.optional().meta({ description: 'Those of this policy.' }),
  decision_id: uuidV7Schema.optional().meta({ description: 'Those about this decision, itself among them.' }),
  type: eventTypeSchema.optional().meta({ description: 'Those of this type.' }),
  episode_id: z
    .string(worded)
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Those of this episode, 1 to 256 characters.' }),
});
export type EventQuery = z.infer<typeof eventQuerySchema>;
