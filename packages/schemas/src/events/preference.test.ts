import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';

test.each<unknown>([
  { a: { text: '' }, b: { text: 'x'.repeat(100_000) }, winner: 'tie' },
  { a: { decision_id: ID }, b: { text: 'x' }, winner: 'a', name: 'tone', comment: 'Warmer.' },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('preference', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ b: { text: 'x' }, winner: 'b' }, '/data/a is required'],
  [{ a: 'x', b: { text: 'x' }, winner: 'b' }, '/data/a must be an object with either decision_id or text'],
  [{ a: {}, b: { text: 'x' }, winner: 'b' }, '/data/a must be an object with either decision_id or text'],
  [
    { a: { text: 'x' }, b: { text: 'x', decision_id: ID }, winner: 'b' },
    '/data/b must be an object with either decision_id or text',
  ],
  [
    { a: { decision_id: 'x' }, b: { text: 'x' }, winner: 'b' },
    '/data/a/decision_id must be a UUIDv7 in lower case',
  ],
  [{ a: { text: 'x' }, b: { text: 'x' }, winner: 'c' }, '/data/winner must be one of a, b, tie'],
  [{ a: { text: 'x' }, b: { text: 'x' }, winner: 'a', comment: '' }, '/data/comment must not be empty'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('preference', data))).toEqual([mistake]);
});
