import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { outcomeDataSchema } from './outcome.ts';
import { referenceRules } from './references.ts';

const references = referenceRules([]);

/** An episode is over. */
export const episodeEndEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('episode_end', worded).meta({ description: 'Type of the event: `episode_end`.' }),
      policy: nameSchema.meta({ description: 'The policy whose episode it is.' }),
      episode_id: envelope.episode_id
        .unwrap()
        .meta({ description: 'The episode that is over, 1 to 256 characters, unique within the policy.' }),
      data: z
        .strictObject(
          {
            outcomes: z
              .array(outcomeDataSchema, worded)
              .max(100)
              .optional()
              .meta({ description: 'How it ended: outcomes of the whole episode, at most 100.' }),
          },
          worded,
        )
        .optional()
        .meta({ description: 'How it ended; absent where there is nothing to say.' }),
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'EpisodeEndEvent',
    title: 'End of an episode',
    description: 'An episode is over, with its final outcomes.',
    allOf: references.rules,
    examples: [
      {
        id: '019cad2a-a000-7b8d-9c02-72839405162c',
        type: 'episode_end',
        schema_version: 1,
        occurred_at: '2026-03-02T06:12:33.600Z',
        source: 'help-desk',
        policy: 'support-draft',
        episode_id: 'ticket-4711',
        data: { outcomes: [{ name: 'solved', value: true }] },
      },
    ],
  });
