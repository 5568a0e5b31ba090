import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { worded } from '../wording.ts';

/**
 * What every event has beside its type and data. Nothing here or in the data has a default or is changed by reading:
 * an event is told from another one by what its sender wrote.
 */
export const envelope = {
  id: uuidV7Schema.meta({
    description: 'Id of the event, a UUIDv7 made by its sender; the same id is stored once.',
  }),
  schema_version: z
    .literal(1, worded)
    .optional()
    .meta({ description: 'Version of this form: 1. Absent means 1.' }),
  occurred_at: timestampSchema.meta({
    description: 'When it happened: any time in the past, at most 1 h ahead of the collector’s clock.',
  }),
  source: z
    .string(worded)
    .min(1)
    .max(100)
    .meta({ description: 'Who sent it, 1 to 100 characters.', examples: ['help-desk'] }),
  policy: nameSchema.optional().meta({
    description:
      'Policy of the decisions it is about. Required where external_id or episode_id stands without decision_id.',
  }),
  decision_id: uuidV7Schema.optional().meta({
    description: 'The decision it is about, which may arrive later than this. Not together with external_id.',
  }),
  external_id: z
    .string(worded)
    .min(1)
    .max(256)
    .optional()
    .meta({
      description:
        'The application’s own id of the decision, 1 to 256 characters, unique within the policy. Not together with decision_id.',
      examples: ['draft-88231'],
    }),
  episode_id: z
    .string(worded)
    .min(1)
    .max(256)
    .optional()
    .meta({
      description:
        'The episode it belongs to: decisions and events that share an outcome, such as one ticket. 1 to 256 characters, unique within the policy.',
      examples: ['ticket-4711'],
    }),
  subject: z
    .string(worded)
    .min(1)
    .max(512)
    .optional()
    .meta({
      description:
        'The person the data is about, 1 to 512 characters. It is replaced by a keyed hash before it is stored.',
      examples: ['customer-190'],
    }),
};
