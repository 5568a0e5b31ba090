import { z } from 'zod';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { ANY_REFERENCE, referenceRules } from './references.ts';

const text = z.string(worded).max(100_000);
const references = referenceRules(ANY_REFERENCE);

/** What a person used instead. */
export const demonstrationEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('demonstration', worded).meta({ description: 'Type of the event: `demonstration`.' }),
      data: z
        .strictObject(
          {
            draft: text.meta({ description: 'What was offered, at most 100,000 characters.' }),
            final: text.meta({
              description: 'What the person used instead, at most 100,000 characters; the same: unedited.',
            }),
          },
          worded,
        )
        .meta({ description: 'What was offered and what was used.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'DemonstrationEvent',
    title: 'Demonstration',
    description: 'What a person used instead of what was offered.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b6-3d60-7f05-8a13-2b4c6d8e0f12',
        type: 'demonstration',
        schema_version: 1,
        occurred_at: '2026-03-01T09:34:00.000Z',
        source: 'help-desk',
        decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
        data: {
          draft: 'Hello, your refund is on its way.',
          final: 'Hello Ada, your refund will arrive within five days.',
        },
      },
    ],
  });
