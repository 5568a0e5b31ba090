import { describe, expect, test } from 'vitest';
import { median, percentile, spreadOf } from './statistics.ts';

describe('median', () => {
  test('is the middle one, in whatever order they come', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test('of an even number is the mean of the two in the middle', () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('a spread is the median between the extremes', () => {
  expect(spreadOf([0.5, 0.25, 1])).toEqual({ median: 0.5, min: 0.25, max: 1 });
});

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0.001, 1],
  ])('a share of %d is not above %d', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  test('of a single value is that value', () => {
    expect(percentile(Float64Array.of(7), 0.99)).toBe(7);
  });

  test.each([0, 1.01, Number.NaN])('refuses a share of %d', (share) => {
    expect(() => percentile(hundred, share)).toThrow(RangeError);
  });

  test('leaves the values in their order', () => {
    const values = Float64Array.of(3, 1, 2);
    percentile(values, 0.5);
    expect([...values]).toEqual([3, 1, 2]);
  });
});
