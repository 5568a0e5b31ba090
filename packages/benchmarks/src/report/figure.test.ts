import { expect, test } from 'vitest';
import { ratiosOf, shown } from './figure.ts';

test.each([
  [12_345.6, 'per_second', '12,346/s'],
  [1.254, 'ms', '1.25 ms'],
  [12.54, 'ms', '12.5 ms'],
  [1_234.5, 'ms', '1,235 ms'],
  [196_083_712, 'bytes', '187 MiB'],
] as const)('%d %s reads %s', (value, unit, expected) => {
  expect(shown(value, unit)).toBe(expected);
});

test('ratios are of the pairs, not of the medians', () => {
  const figure = {
    name: 'rate',
    unit: 'per_second' as const,
    measured: [10, 40],
    reference: { name: 'COPY', measured: [20, 50] },
  };
  expect(ratiosOf(figure)).toEqual([0.5, 0.8]);
});

test('without a reference there is no ratio', () => {
  expect(ratiosOf({ name: 'p50', unit: 'ms', measured: [1] })).toBeUndefined();
});
