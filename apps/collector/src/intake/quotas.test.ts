import { expect, test } from 'vitest';
import { createQuotas } from './quotas.ts';

const quotas = (now: () => number) =>
  createQuotas({ events: { perSecond: 100 }, bytes: { perSecond: 1_000 } }, now);

test('a batch is taken whole, also when it is larger than the quota; then its key waits until it is made up', () => {
  let now = 0;
  const limits = quotas(() => now);
  expect(limits.take('a', { events: 250, bytes: 1 })).toBe(0);
  expect(limits.take('a', { events: 1, bytes: 1 })).toBeCloseTo(1.51);
  expect(limits.take('b', { events: 1, bytes: 1 })).toBe(0);
  now = 1_520;
  expect(limits.take('a', { events: 1, bytes: 1 })).toBe(0);
});

test('bytes count like events, and what is not used is not saved up', () => {
  let now = 0;
  const limits = quotas(() => now);
  now = 60_000;
  expect(limits.take('a', { events: 1, bytes: 1_500 })).toBe(0);
  expect(limits.take('a', { events: 1, bytes: 1 })).toBeCloseTo(0.501);
});

test('a clock that goes back gives nothing away', () => {
  let now = 10_000;
  const limits = quotas(() => now);
  limits.take('a', { events: 100, bytes: 1 });
  now = 0;
  expect(limits.take('a', { events: 1, bytes: 1 })).toBeGreaterThan(0);
});

test('forgets keys that are full again, and no others', () => {
  let now = 1_000_000;
  const limits = quotas(() => now);
  limits.take('busy', { events: 100_000, bytes: 0 });
  for (let key = 0; key < 10_000; key += 1) limits.take(`key ${key}`, { events: 1, bytes: 0 });
  now += 2_000;
  limits.take('one more', { events: 1, bytes: 0 });
  expect(limits.take('busy', { events: 1, bytes: 0 })).toBeGreaterThan(0);
});
