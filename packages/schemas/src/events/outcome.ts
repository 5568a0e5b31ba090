import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { ANY_REFERENCE, referenceRules } from './references.ts';

/** What happened, as outcomes and the ends of episodes tell it. */
export const outcomeDataSchema = z.strictObject(
  {
    name: nameSchema.meta({ description: 'What happened.', examples: ['sent', 'reopened'] }),
    value: z
      .union([z.boolean(worded), z.number(worded), z.string(worded).max(1000)], {
        error: ({ input }) =>
          input === undefined
            ? 'is required'
            : 'must be true, false, a finite number, or a string of at most 1000 characters',
      })
      .meta({
        description: 'How: true or false, a finite number, or a text of at most 1,000 characters.',
        examples: [true, 12.5, 'edited'],
      }),
  },
  worded,
);

const references = referenceRules(ANY_REFERENCE);

/** What happened after a decision. */
export const outcomeEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('outcome', worded).meta({ description: 'Type of the event: `outcome`.' }),
      data: outcomeDataSchema.meta({ description: 'What happened.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'OutcomeEvent',
    title: 'Outcome',
    description: 'What happened after a decision or in an episode: sent, reopened, purchased.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b3-7e60-7a11-8c42-3d6f9b0e5a71',
        type: 'outcome',
        schema_version: 1,
        occurred_at: '2026-03-01T09:31:00.000Z',
        source: 'help-desk',
        decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
        subject: 'customer-190',
        data: { name: 'sent', value: true },
      },
      {
        id: '019cad1f-2100-7b57-a0d3-64c7e80f9182',
        type: 'outcome',
        occurred_at: '2026-03-02T06:00:00.000Z',
        source: 'help-desk',
        policy: 'support-draft',
        episode_id: 'ticket-4711',
        data: { name: 'hours-to-solve', value: 20.5 },
      },
    ],
  });
