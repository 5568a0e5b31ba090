import { z } from 'zod';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { ONE_DECISION, referenceRules } from './references.ts';

const references = referenceRules(ONE_DECISION);

/** A deferred decision was used. */
export const activationEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('activation', worded).meta({ description: 'Type of the event: `activation`.' }),
      data: z
        .strictObject({}, worded)
        .optional()
        .meta({ description: 'There is nothing more to say: absent or empty.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'ActivationEvent',
    title: 'Activation',
    description: 'A deferred decision was used: from now on it counts.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b8-fc80-7a68-8e79-6172839405b6',
        type: 'activation',
        schema_version: 1,
        occurred_at: '2026-03-01T09:37:00.000Z',
        source: 'help-desk',
        decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
      },
    ],
  });
