import { expect, test } from 'vitest';
import { exampleOf } from '../../test/examples.ts';
import { mistakes } from '../../test/mistakes.ts';
import { eventSchema } from './event.ts';

test.each<unknown>([
  { name: 'quality', rating: -2.5 },
  { name: 'quality', thumb: 'down' },
  { name: 'quality', label: 'off-topic' },
  { name: 'quality', comment: 'x'.repeat(10_000) },
  { name: 'quality', rating: 1, thumb: 'up', label: 'good', comment: 'Thanks!' },
])('is valid with %j', (data) => {
  expect(mistakes(eventSchema, exampleOf('feedback', data))).toEqual([]);
});

test.each<[unknown, string]>([
  [{ thumb: 'up' }, '/data/name is required'],
  [{ name: 'quality' }, '/data must have at least one of rating, thumb, label, comment'],
  [{ name: 'quality', rating: '4' }, '/data/rating must be a finite number'],
  [{ name: 'quality', thumb: 'sideways' }, '/data/thumb must be one of up, down'],
  [{ name: 'quality', label: '' }, '/data/label must not be empty'],
  [{ name: 'quality', label: 'x'.repeat(101) }, '/data/label must have at most 100 characters'],
  [{ name: 'quality', comment: 'x'.repeat(10_001) }, '/data/comment must have at most 10000 characters'],
])('is refused with %j', (data, mistake) => {
  expect(mistakes(eventSchema, exampleOf('feedback', data))).toEqual([mistake]);
});
