import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { referenceRules } from './references.ts';

const sideSchema = z.union(
  [
    z.strictObject({ decision_id: uuidV7Schema.meta({ description: 'A decision.' }) }, worded),
    z.strictObject(
      {
        text: z.string(worded).max(100_000).meta({ description: 'A text, at most 100,000 characters.' }),
      },
      worded,
    ),
  ],
  {
    error: ({ input }) =>
      input === undefined ? 'is required' : 'must be an object with either decision_id or text',
  },
);
const references = referenceRules([]);

/** Which of two a person preferred. */
export const preferenceEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('preference', worded).meta({ description: 'Type of the event: `preference`.' }),
      data: z
        .strictObject(
          {
            a: sideSchema.meta({ description: 'One of the two: a decision or a text.' }),
            b: sideSchema.meta({ description: 'The other one: a decision or a text.' }),
            winner: z
              .enum(['a', 'b', 'tie'], worded)
              .meta({ description: '`a`, `b`, or `tie` where neither was preferred.' }),
            name: nameSchema.optional().meta({ description: 'What was asked.', examples: ['more-helpful'] }),
            comment: z
              .string(worded)
              .min(1)
              .max(10_000)
              .optional()
              .meta({ description: 'Free text, 1 to 10,000 characters.' }),
          },
          worded,
        )
        .meta({ description: 'The two and the winner.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'PreferenceEvent',
    title: 'Preference',
    description: 'Which of two decisions or texts a person preferred.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b7-27c0-7c9a-b5d4-4e5f60718293',
        type: 'preference',
        schema_version: 1,
        occurred_at: '2026-03-01T09:35:00.000Z',
        source: 'review-tool',
        policy: 'support-draft',
        data: {
          a: { decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d' },
          b: { text: 'Your refund will arrive within five days.' },
          winner: 'b',
          name: 'more-helpful',
        },
      },
    ],
  });
