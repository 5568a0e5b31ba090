import { z } from 'zod';
import { worded } from '../wording.ts';
import { envelope } from './envelope.ts';
import { referenceRules } from './references.ts';

const milliseconds = z.number(worded).min(0);
const tokens = z.int(worded).min(0);

const messageSchema = z.strictObject(
  {
    role: z
      .enum(['system', 'developer', 'user', 'assistant', 'tool'], worded)
      .meta({ description: 'Who speaks.' }),
    content: z
      .union([z.string(worded).max(100_000), z.array(z.record(z.string(), z.unknown()), worded).max(1000)], {
        error: ({ input }) =>
          input === undefined
            ? 'is required'
            : 'must be a string of at most 100000 characters or a list of at most 1000 objects',
      })
      .meta({
        description:
          'A text of at most 100,000 characters, or at most 1,000 parts as the provider takes them, each a JSON object.',
      }),
  },
  worded,
);

const usageSchema = z.strictObject(
  {
    input_tokens: tokens.meta({ description: 'Tokens that were read, cached ones among them, from 0.' }),
    output_tokens: tokens.meta({ description: 'Tokens that were written, from 0.' }),
    cached_input_tokens: tokens
      .optional()
      .meta({ description: 'Tokens among the input that came from the provider’s cache, from 0.' }),
  },
  worded,
);

const inferenceDataSchema = z
  .strictObject(
    {
      variant: z
        .string(worded)
        .min(1)
        .max(256)
        .optional()
        .meta({ description: 'Id of the action that was played, 1 to 256 characters.' }),
      model: z
        .string(worded)
        .min(1)
        .max(256)
        .meta({ description: 'Model as the provider names it, 1 to 256 characters.' }),
      provider: z
        .string(worded)
        .min(1)
        .max(100)
        .optional()
        .meta({ description: 'Who runs the model, 1 to 100 characters.' }),
      messages: z
        .array(messageSchema, worded)
        .max(1000)
        .optional()
        .meta({ description: 'What was sent, at most 1,000 messages. Not together with messages_ref.' }),
      messages_ref: z.string(worded).min(1).max(1024).optional().meta({
        description: 'Where the messages are kept, 1 to 1,024 characters. Not together with messages.',
      }),
      completion: z
        .string(worded)
        .max(100_000)
        .optional()
        .meta({ description: 'What came back, at most 100,000 characters.' }),
      usage: usageSchema.optional().meta({ description: 'Tokens that were used.' }),
      cost_usd_micros: z
        .int(worded)
        .min(0)
        .optional()
        .meta({ description: 'Cost in millionths of a US dollar, from 0.' }),
      time_to_first_token_ms: milliseconds
        .optional()
        .meta({ description: 'Time to the first token, in milliseconds, from 0.' }),
      latency_ms: milliseconds
        .optional()
        .meta({ description: 'Time to the end of the answer, in milliseconds, from 0.' }),
      finish_reason: z
        .enum(['stop', 'length', 'tool_calls', 'content_filter', 'error', 'other'], worded)
        .optional()
        .meta({ description: 'Why the model stopped.' }),
      status: z.enum(['ok', 'error', 'cancelled'], worded).meta({ description: 'How the call ended.' }),
      error: z
        .string(worded)
        .max(1000)
        .optional()
        .meta({ description: 'What went wrong, at most 1,000 characters.' }),
    },
    worded,
  )
  .check(({ value, issues }) => {
    if (value.messages !== undefined && value.messages_ref !== undefined) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['messages_ref'],
        message: 'must not stand together with messages',
      });
    }
  })
  .meta({
    description: 'The call and its answer.',
    not: { required: ['messages', 'messages_ref'] },
  });

const references = referenceRules([]);

/** A call of a language model. */
export const inferenceEventSchema = z
  .strictObject(
    {
      ...envelope,
      type: z.literal('inference', worded).meta({ description: 'Type of the event: `inference`.' }),
      data: inferenceDataSchema,
    },
    worded,
  )
  .check(references.check)
  .meta({
    id: 'InferenceEvent',
    title: 'Inference',
    description: 'A call of a language model: what was sent, what came back, what it took.',
    allOf: references.rules,
    examples: [
      {
        id: '019ca8b2-9bd0-7f12-a3b4-83940516273d',
        type: 'inference',
        schema_version: 1,
        occurred_at: '2026-03-01T09:30:02.000Z',
        source: 'help-desk',
        policy: 'support-draft',
        decision_id: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
        data: {
          variant: 'detailed',
          model: 'small-chat-1',
          provider: 'example',
          messages: [
            { role: 'system', content: 'You draft replies of a help desk.' },
            { role: 'user', content: [{ type: 'text', text: 'Where is my refund?' }] },
          ],
          completion: 'Hello, your refund is on its way.',
          usage: { input_tokens: 42, output_tokens: 11, cached_input_tokens: 0 },
          cost_usd_micros: 180,
          time_to_first_token_ms: 210,
          latency_ms: 940.5,
          finish_reason: 'stop',
          status: 'ok',
        },
      },
    ],
  });
