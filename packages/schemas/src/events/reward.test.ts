import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([{ value: 0 }, { value: -3.5 }])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('reward', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{}, '/data/value is required'],
  [{ value: true }, '/data/value must be a finite number'],
  [{ value: Number.NaN }, '/data/value must be a finite number'],
  [{ value: 1, currency: 'EUR' }, '/data has unknown members: "currency"'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('reward', data))).toEqual([mistake]);
});
