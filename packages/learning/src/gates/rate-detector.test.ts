import { describe, expect, test } from 'vitest';
import { RateDetector } from './rate-detector.ts';

/** Mean over every path of what the sums come to, when it happens with a probability that follows from the past. */
function expected(limit: number, probability: (happened: number) => number, times: number, size = 1): number {
  const visit = (sums: readonly number[] | undefined, happened: number, left: number): number => {
    const detector = new RateDetector(limit, sums);
    if (left === 0) return detector.mean;
    // What happens at all happens to a part of the step.
    const p = probability(happened) / size;
    return [1, 0].reduce((mean, does) => {
      const next = new RateDetector(limit, sums);
      next.add(does * size);
      return mean + (does ? p : 1 - p) * visit(next.sums, happened + does, left - 1);
    }, 0);
  };
  return visit(undefined, 0, times);
}

describe('the mean of the sums', () => {
  test.each([0.01, 0.2, 0.9])('at a limit of %d is the number of times', (limit) => {
    expect(expected(limit, () => limit, 8)).toBeCloseTo(8, 9);
  });

  test('is the number of steps when it happens to a part of one', () => {
    expect(expected(0.2, () => 0.2, 8, 0.6)).toBeCloseTo(8, 9);
  });

  test('is no more when it happens less often, whatever it follows from', () => {
    expect(expected(0.2, (happened) => (happened % 2 === 0 ? 0.2 : 0.05), 8)).toBeLessThanOrEqual(8);
  });

  test('is more when it happens more often', () => {
    expect(expected(0.2, () => 0.3, 8)).toBeGreaterThan(8.5);
  });
});

test('what always happens is found at once, what hardly ever does is not', () => {
  const detector = new RateDetector(0.01);
  for (let time = 0; time < 100_000; time += 1) detector.add(time % 1_000 === 0 ? 1 : 0);
  expect(detector.mean).toBeLessThan(1_000);
  let times = 0;
  while (detector.mean < 1e6) {
    detector.add(1);
    times += 1;
  }
  expect(times).toBeLessThan(10);
});

test('what happens to half of every step is found as soon as in ten of them', () => {
  const detector = new RateDetector(0.01);
  let steps = 0;
  while (detector.mean < 1e6) {
    detector.add(0.5);
    steps += 1;
  }
  expect(steps).toBeLessThanOrEqual(15);
});
