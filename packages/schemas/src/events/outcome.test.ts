import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([
  { name: 'sent', value: true },
  { name: 'sent', value: -1.5 },
  { name: 'sent', value: '' },
  { name: 'sent', value: 'x'.repeat(1000) },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('outcome', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ value: true }, '/data/name is required'],
  [{ name: 'sent' }, '/data/value is required'],
  [
    { name: 'Sent!', value: 1 },
    '/data/name must be 1 to 63 of a-z, 0-9 and "-", and begin with a letter or a digit',
  ],
  [
    { name: 'sent', value: null },
    '/data/value must be true, false, a finite number, or a string of at most 1000 characters',
  ],
  [
    { name: 'sent', value: Number.POSITIVE_INFINITY },
    '/data/value must be true, false, a finite number, or a string of at most 1000 characters',
  ],
  [
    { name: 'sent', value: [1] },
    '/data/value must be true, false, a finite number, or a string of at most 1000 characters',
  ],
  [{ name: 'sent', value: 'x'.repeat(1001) }, '/data/value must have at most 1000 characters'],
  [{ name: 'sent', value: 1, unit: 'h' }, '/data has unknown members: "unit"'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('outcome', data))).toEqual([mistake]);
});
