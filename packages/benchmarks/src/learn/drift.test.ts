import { expect, test } from 'vitest';
import { driftRow } from './drift.ts';

test('the longer something was learned, the longer it takes to leave it behind, and no longer than as its root', () => {
  const [short, long] = [driftRow(200, 5), driftRow(20_000, 5)];
  expect(long.untilNear).toBeGreaterThan(short.untilNear);
  // The root of 100 is 10; twice that, for chance.
  expect(long.untilNear).toBeLessThan(short.untilNear * 20);
  expect(short.untilRecovered).toBeGreaterThanOrEqual(100);
});
