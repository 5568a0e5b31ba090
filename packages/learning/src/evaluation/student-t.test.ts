import { expect, test } from 'vitest';
import { studentQuantile } from './student-t.ts';

test.each([
  [1, 12.7062],
  [2, 4.30265],
  [4, 2.77645],
  [10, 2.22814],
  [199, 1.97196],
  [100_000, 1.95999],
])('95 %% of Student’s t with %d degrees of freedom lie within %d', (freedom, quantile) => {
  expect(studentQuantile(0.05, freedom)).toBeCloseTo(quantile, 3);
});
