import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactSum } from './exact-sum.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
const sumOf = (numbers: readonly number[]): number => {
  const sum = new ExactSum();
  for (const one of numbers) sum.add(one);
  return sum.value;
};

test('is the same in any order and grouping', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 60 }), fc.nat(60), (numbers, cut) => {
      const whole = sumOf(numbers);
      expect(sumOf(numbers.toReversed())).toBe(whole);
      const [one, other] = [new ExactSum(), new ExactSum()];
      for (const value of numbers.slice(0, cut)) one.add(value);
      for (const value of numbers.slice(cut)) other.add(value);
      other.merge(new ExactSum(one.toJSON()));
      expect(other.value).toBe(whole);
    }),
    { numRuns: 2_000 },
  );
});

test('is exact where adding one after the other is not', () => {
  expect(sumOf([1e100, 1, -1e100])).toBe(1);
  expect(sumOf([1, 1e100, 1, -1e100])).toBe(2);
  expect(sumOf(Array.from({ length: 10 }, () => 0.1))).toBe(1);
  expect(sumOf([])).toBe(0);
  expect(sumOf([-0])).toBe(0);
  // Rounded once: half a unit in the last place, and a little more.
  expect(sumOf([1, 2 ** -53, 2 ** -106])).toBe(1 + 2 ** -52);
  expect(sumOf([1, 2 ** -53])).toBe(1);
});
