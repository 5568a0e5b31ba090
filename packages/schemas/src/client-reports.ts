import { z } from 'zod';
import { eventTypeSchema } from './events/event.ts';
import { worded } from './wording.ts';

/** Why a client gave up events. */
export const dropReasons = [
  'queue_overflow',
  'network_error',
  'send_error',
  'ratelimit_backoff',
  'before_send',
  'event_too_large',
  'serialization',
  'shutdown_timeout',
  'spool_full',
  'rejected',
] as const;
export type DropReason = (typeof dropReasons)[number];

const part = z.string(worded).min(1).max(50);

/** How many events a client lost since its last report. A loss that is counted is not silent. */
export const clientReportSchema = z
  .strictObject(
    {
      sdk: z
        .strictObject(
          {
            name: part.meta({ description: 'Name of the SDK, 1 to 50 characters.', examples: ['rlaas-ts'] }),
            version: part.meta({ description: 'Its version, 1 to 50 characters.', examples: ['1.2.0'] }),
          },
          worded,
        )
        .meta({ description: 'Who reports.' }),
      drops: z
        .array(
          z.strictObject(
            {
              reason: z.enum(dropReasons, worded).meta({ description: 'Why they were given up.' }),
              type: eventTypeSchema.optional().meta({ description: 'Type of the events; absent: several.' }),
              count: z
                .int(worded)
                .min(1)
                .max(1_000_000_000)
                .meta({ description: 'How many events, 1 to 1,000,000,000.' }),
            },
            worded,
          ),
          worded,
        )
        .min(1)
        .max(50)
        .meta({ description: '1 to 50 counters.' }),
    },
    worded,
  )
  .meta({ id: 'ClientReport' });
export type ClientReport = z.infer<typeof clientReportSchema>;
