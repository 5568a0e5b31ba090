import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([
  undefined,
  {},
  { outcomes: [] },
  {
    outcomes: [
      { name: 'solved', value: true },
      { name: 'hours', value: 3 },
    ],
  },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('episode_end', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ outcomes: [{ name: 'solved' }] }, '/data/outcomes/0/value is required'],
  [
    { outcomes: [{ name: 'solved', value: {} }] },
    '/data/outcomes/0/value must be true, false, a finite number, or a string of at most 1000 characters',
  ],
  [
    { outcomes: Array.from({ length: 101 }, () => ({ name: 'solved', value: 1 })) },
    '/data/outcomes must have at most 100 items',
  ],
  [{ outcome: [] }, '/data has unknown members: "outcome"'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('episode_end', data))).toEqual([mistake]);
});
