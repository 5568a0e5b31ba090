import { z } from 'zod';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { ANY_REFERENCE, referenceRules } from './references.ts';

const references = referenceRules(ANY_REFERENCE);

/** A reward that was computed outside of RLaaS. */
export const rewardEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('reward', worded).meta({ description: 'Type of the event: `reward`.' }),
      data: z
        .strictObject(
          {
            value: z.number(worded).meta({
              description: 'The reward, a finite number; it is clipped to the range of the policy.',
            }),
          },
          worded,
        )
        .meta({ description: 'The reward.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'RewardEvent',
    title: 'Reward',
    description: 'A reward that was computed outside of RLaaS.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b8-1220-7e31-9f57-5061728394a5',
        type: 'reward',
        schema_version: 1,
        occurred_at: '2026-03-01T09:36:00.000Z',
        source: 'billing',
        decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
        data: { value: 0.75 },
      },
    ],
  });
