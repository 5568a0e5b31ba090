import { z } from 'zod';
import { eventTypeSchema } from './events/event.ts';
import { eventCodeSchema, eventResultSchema, ingestCountsSchema } from './events/ingest.ts';
import { uuidSchema } from './ids.ts';
import { pageQuerySchema, pageSchema } from './lists.ts';
import { timestampSchema } from './time.ts';
import { worded } from './wording.ts';

/** By what right an event came. A replay has no more than that. */
export const eventOrigins = ['key', 'publishable', 'internal', 'import'] as const;
export const eventOriginSchema = z.enum(eventOrigins).meta({
  description:
    'By what right it came: with a secret key, with a publishable one, from the gateway, or in an import.',
});
export type EventOrigin = z.infer<typeof eventOriginSchema>;

/** An event that was rejected, with the reason. */
export const deadLetterSchema = z
  .object({
    id: uuidSchema.meta({ description: 'Id of the dead letter.' }),
    received_at: timestampSchema.meta({ description: 'When it came first.' }),
    event_id: z.string().nullable().meta({
      description: 'Id that the event gave itself, which may be none at all; null: it gave no text.',
    }),
    type: z
      .string()
      .nullable()
      .meta({ description: 'Type that the event gave itself; null: it gave no text.' }),
    code: eventCodeSchema,
    path: z
      .string()
      .nullable()
      .meta({ description: 'JSON pointer to the mistake in the event; null: nowhere in particular.' }),
    message: z.string().meta({ description: 'What is wrong there, for a person.' }),
    origin: eventOriginSchema,
    times: z
      .int()
      .min(1)
      .meta({ description: 'How often the same event came with the same mistake, from 1.' }),
    event: z.unknown().meta({
      description: 'What was sent, its subject replaced by the keyed hash; a text where it is no JSON.',
    }),
    truncated: z
      .boolean()
      .meta({ description: 'Whether `event` is only its beginning, so that it cannot be replayed.' }),
    replayed_at: timestampSchema
      .nullable()
      .meta({ description: 'When a replay got it accepted; null: not yet.' }),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof deadLetterSchema>;

export const deadLetterPageSchema = pageSchema(deadLetterSchema);

/** Which dead letters are meant. */
const filter = {
  code: eventCodeSchema.optional().meta({ description: 'Those that were rejected for this reason.' }),
  type: eventTypeSchema.optional().meta({ description: 'Those of this type.' }),
  from: timestampSchema.optional().meta({ description: 'Those received at this time or later.' }),
  to: timestampSchema.optional().meta({ description: 'Those received before this time.' }),
};

/** Query of the list of dead letters. */
export const deadLetterQuerySchema = pageQuerySchema.extend({
  ...filter,
  replayed: z
    .enum(['true', 'false'], worded)
    .optional()
    .meta({ description: 'Those that a replay got accepted, or those that wait; default: both.' }),
});
export type DeadLetterQuery = z.infer<typeof deadLetterQuerySchema>;

/** Which dead letters are taken up again. Several conditions: all must hold. */
export const replayBodySchema = z
  .strictObject(
    {
      ids: z
        .array(uuidSchema, worded)
        .min(1)
        .max(1000)
        .optional()
        .meta({ description: 'These, 1 to 1,000.' }),
      ...filter,
      limit: z
        .int(worded)
        .min(1)
        .max(1000)
        .default(1000)
        .meta({ description: 'How many at most, 1 to 1,000; the oldest first.' }),
      dry_run: z
        .boolean(worded)
        .default(false)
        .meta({ description: 'true: say what would become of them, and store nothing.' }),
    },
    worded,
  )
  .meta({ id: 'DeadLetterReplay' });
export type ReplayBody = z.infer<typeof replayBodySchema>;

/** What became of the dead letters that were taken up again. */
export const replayAnswerSchema = z
  .object({
    dry_run: z.boolean().meta({ description: 'true: nothing was stored.' }),
    counts: ingestCountsSchema,
    remaining: z.int().min(0).meta({ description: 'How many others the same conditions still meet.' }),
    results: z
      .array(
        eventResultSchema.omit({ index: true, id: true }).extend({
          dead_letter_id: uuidSchema.meta({ description: 'Id of the dead letter.' }),
          event_id: z.string().nullable().meta({ description: 'Id of its event; null where it has none.' }),
        }),
      )
      .meta({ description: 'One for each dead letter.' }),
  })
  .meta({ id: 'DeadLetterReplayAnswer' });
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>;
