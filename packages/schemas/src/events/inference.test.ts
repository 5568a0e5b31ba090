import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

const call = { model: 'small-chat-1', status: 'ok' };

test.each<unknown>([
  call,
  { ...call, messages: [{ role: 'user', content: '' }] },
  { ...call, messages: [{ role: 'tool', content: [{ type: 'text', text: 'x' }, {}] }] },
  { ...call, messages_ref: 's3://bucket/key' },
  { ...call, usage: { input_tokens: 0, output_tokens: 0 }, cost_usd_micros: 0, latency_ms: 0.5 },
  { ...call, status: 'error', error: 'the provider timed out', finish_reason: 'error' },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('inference', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ status: 'ok' }, '/data/model is required'],
  [{ ...call, status: 'fine' }, '/data/status must be one of ok, error, cancelled'],
  [{ ...call, messages: [], messages_ref: 'x' }, '/data/messages_ref must not stand together with messages'],
  [
    { ...call, messages: [{ role: 'robot', content: '' }] },
    '/data/messages/0/role must be one of system, developer, user, assistant, tool',
  ],
  [{ ...call, messages: [{ role: 'user' }] }, '/data/messages/0/content is required'],
  [
    { ...call, messages: [{ role: 'user', content: 7 }] },
    '/data/messages/0/content must be a string of at most 100000 characters or a list of at most 1000 objects',
  ],
  [
    { ...call, messages: [{ role: 'user', content: ['x'] }] },
    '/data/messages/0/content must be a string of at most 100000 characters or a list of at most 1000 objects',
  ],
  [{ ...call, messages_ref: '' }, '/data/messages_ref must not be empty'],
  [{ ...call, usage: { input_tokens: 1 } }, '/data/usage/output_tokens is required'],
  [
    { ...call, usage: { input_tokens: 1.5, output_tokens: 1 } },
    '/data/usage/input_tokens must be a whole number',
  ],
  [{ ...call, cost_usd_micros: -1 }, '/data/cost_usd_micros must be at least 0'],
  [{ ...call, time_to_first_token_ms: -0.1 }, '/data/time_to_first_token_ms must be at least 0'],
  [
    { ...call, finish_reason: 'tired' },
    '/data/finish_reason must be one of stop, length, tool_calls, content_filter, error, other',
  ],
  [{ ...call, error: 'x'.repeat(1001) }, '/data/error must have at most 1000 characters'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('inference', data))).toEqual([mistake]);
});
