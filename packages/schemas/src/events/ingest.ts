import { z } from 'zod';
import { uuidV7Schema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { worded } from '../wording.ts';

/** Why an event was not stored. */
export const eventCodes = [
  'schema_invalid',
  'not_allowed',
  'unknown_type',
  'unsupported_version',
  'event_too_large',
  'invalid_id',
  'id_conflict',
  'id_too_old',
  'id_in_future',
  'occurred_in_future',
  'not_persisted',
] as const;
export const eventCodeSchema = z.enum(eventCodes, worded).meta({
  id: 'EventCode',
  description:
    'Why the event was not stored. `not_persisted` alone can pass when the same event is sent again.',
});
export type EventCode = z.infer<typeof eventCodeSchema>;

/** A batch: each event is looked at by itself, so one that is wrong does not hold up the others. */
export const ingestBodySchema = z
  .strictObject(
    {
      events: z.array(z.unknown(), worded).min(1).max(1000).meta({ description: '1 to 1,000 events.' }),
      mode: z.enum(['partial', 'atomic'], worded).optional().meta({
        description:
          '`partial` (the default): each event for itself; `atomic`: all or none, so that one invalid event keeps out all.',
      }),
      import_id: uuidV7Schema.optional().meta({ description: 'The import that the events are part of.' }),
    },
    worded,
  )
  .meta({ id: 'IngestBody' });
export type IngestBody = z.infer<typeof ingestBodySchema>;

/** What became of one event. */
export const eventResultSchema = z.object({
  index: z.int().min(0).meta({ description: 'Place in the batch, from 0.' }),
  id: z.string().nullable().meta({ description: 'Id of the event; null where it has none.' }),
  status: z.enum(['accepted', 'duplicate', 'rejected', 'retry']).meta({
    description:
      '`accepted`: stored; `duplicate`: it was stored before; `rejected`: kept as a dead letter; `retry`: send it again.',
  }),
  code: eventCodeSchema.optional(),
  path: z.string().optional().meta({ description: 'JSON pointer to the mistake in the event.' }),
  message: z.string().optional().meta({ description: 'What is wrong there, for a person.' }),
});
export type EventResult = z.infer<typeof eventResultSchema>;

const count = z.int().min(0);

/** How many events became what. The last four add up to the first. */
export const ingestCountsSchema = z.object({
  received: count,
  accepted: count,
  duplicate: count,
  rejected: count,
  retry: count,
});
export type IngestCounts = z.infer<typeof ingestCountsSchema>;

export const ingestAnswerSchema = z
  .object({
    request_id: z.string(),
    received_at: timestampSchema,
    counts: ingestCountsSchema,
    results: z.array(eventResultSchema).meta({
      description: 'All that is not accepted; with `Prefer: return=representation` one for each event.',
    }),
  })
  .meta({ id: 'IngestAnswer' });
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;
