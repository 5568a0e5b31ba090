import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([
  { draft: 'Hello', final: 'Hello' },
  { draft: '', final: 'x'.repeat(100_000) },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('demonstration', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ draft: 'Hello' }, '/data/final is required'],
  [{ draft: 7, final: '' }, '/data/draft must be a string'],
  [{ draft: '', final: 'x'.repeat(100_001) }, '/data/final must have at most 100000 characters'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('demonstration', data))).toEqual([mistake]);
});
