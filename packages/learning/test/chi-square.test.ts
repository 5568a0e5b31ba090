import { expect, test } from 'vitest';
import { chiSquareP } from './chi-square.ts';

test('is that of tables: a statistic of 3.841 with one degree of freedom, 18.307 with ten', () => {
  // (50 + d, 50 − d) of 100: d²/25.
  const d = Math.sqrt(3.841_459 * 25);
  expect(chiSquareP([50 + d, 50 - d], [0.5, 0.5])).toBeCloseTo(0.05, 6);
  const even = Array.from({ length: 11 }, () => 1 / 11);
  const e = Math.sqrt((18.307_038 * 10) / 2);
  expect(chiSquareP([10 + e, 10 - e, ...Array.from({ length: 9 }, () => 10)], even)).toBeCloseTo(0.05, 6);
});

test('is 1 for what is as expected, and 0 where something is drawn that cannot be', () => {
  expect(chiSquareP([25, 75, 0], [0.25, 0.75, 0])).toBe(1);
  expect(chiSquareP([25, 74, 1], [0.25, 0.75, 0])).toBe(0);
});
