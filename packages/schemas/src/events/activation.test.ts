import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([undefined, {}])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('activation', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [null, '/data must be an object'],
  [{ used: true }, '/data has unknown members: "used"'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('activation', data))).toEqual([mistake]);
});
