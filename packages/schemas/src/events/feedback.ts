import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { ANY_REFERENCE, referenceRules } from './references.ts';

const KINDS = ['rating', 'thumb', 'label', 'comment'] as const;

const feedbackDataSchema = z
  .strictObject(
    {
      name: nameSchema.meta({ description: 'What was asked.', examples: ['draft-quality'] }),
      rating: z
        .number(worded)
        .optional()
        .meta({
          description: 'A finite number; its scale is that of the name.',
          examples: [4],
        }),
      thumb: z.enum(['up', 'down'], worded).optional().meta({ description: '`up` or `down`.' }),
      label: z
        .string(worded)
        .min(1)
        .max(100)
        .optional()
        .meta({ description: 'One of the answers that were offered, 1 to 100 characters.' }),
      comment: z
        .string(worded)
        .min(1)
        .max(10_000)
        .optional()
        .meta({ description: 'Free text, 1 to 10,000 characters.' }),
    },
    worded,
  )
  .check(({ value, issues }) => {
    if (KINDS.every((kind) => value[kind] === undefined)) {
      issues.push({
        code: 'custom',
        input: value,
        message: `must have at least one of ${KINDS.join(', ')}`,
      });
    }
  })
  .meta({
    description: 'At least one of rating, thumb, label, comment.',
    anyOf: KINDS.map((kind) => ({ required: [kind] })),
  });

const references = referenceRules(ANY_REFERENCE);

/** What a person thought. */
export const feedbackEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('feedback', worded).meta({ description: 'Type of the event: `feedback`.' }),
      data: feedbackDataSchema,
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'FeedbackEvent',
    title: 'Feedback',
    description: 'What a person thought of a decision or an episode: a rating, a thumb, a label, a comment.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b5-5300-7d20-9e61-0a4b7c8d9e0f',
        type: 'feedback',
        schema_version: 1,
        occurred_at: '2026-03-01T09:33:00.000Z',
        source: 'help-desk',
        policy: 'support-draft',
        external_id: 'draft-88231',
        data: { name: 'draft-quality', rating: 4, thumb: 'up', comment: 'Only the greeting was wrong.' },
      },
    ],
  });
