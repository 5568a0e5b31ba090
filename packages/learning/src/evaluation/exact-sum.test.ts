import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactSum } from './exact-sum.ts';

/** All magnitudes that can be added, subnormal ones too; and such as are near each other. */
const number = fc.oneof(
  fc.double({ noNaN: true, min: -1e288, max: 1e288 }),
  fc.integer().map((one) => one / 1_000),
);
const exactSumOf = (numbers: readonly number[]): ExactSum => {
  const sum = new ExactSum();
  for (const one of numbers) sum.add(one);
  return sum;
};
const sumOf = (numbers: readonly number[]): number => exactSumOf(numbers).value;

/** A double as a whole number of the smallest one, 2^-1074. */
function unitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return bits >> 63n === 1n ? -units : units;
}

test('is the same in any order and grouping, and the same numbers as JSON', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 60 }), fc.nat(60), (numbers, cut) => {
      const whole = exactSumOf(numbers);
      expect(sumOf(numbers.toReversed())).toBe(whole.value);
      const [one, other] = [exactSumOf(numbers.slice(0, cut)), exactSumOf(numbers.slice(cut))];
      other.merge(new ExactSum(JSON.parse(JSON.stringify(one)) as number[]));
      expect(other.value).toBe(whole.value);
      expect(other.toJSON()).toEqual(whole.toJSON());
    }),
    { numRuns: 2_000 },
  );
});

/** Whole numbers of the smallest double as the nearest double, ties to even: by the rounding of BigInt, not of sums. */
function doubleOf(units: bigint): number {
  const size = units < 0n ? -units : units;
  const bits = size.toString(2).length;
  // What is cut off is not forgotten: it is told from nothing by the last bit that is left.
  const cut = BigInt(Math.max(0, bits - 64));
  const kept = size >> cut;
  const rounded = Number(kept << cut === size ? kept : kept | 1n);
  // In two steps, both of which are powers of 2 that a double can be.
  const exponent = Number(cut) - 1_074;
  const half = Math.trunc(exponent / 2);
  const value = rounded * 2 ** half * 2 ** (exponent - half);
  return units < 0n ? -value : value;
}

/** All exponents alike, and so that many of them cancel, are halves of a unit in the last place of another, or near. */
const spread = fc
  .tuple(fc.integer({ min: -1_074, max: 958 }), fc.double({ min: 1, max: 2, noNaN: true }), fc.boolean())
  .map(([exponent, significand, isNegative]) => {
    const half = Math.trunc(exponent / 2);
    const value = significand * 2 ** half * 2 ** (exponent - half);
    return isNegative ? -value : value;
  });
const hostile = fc
  .array(
    fc.oneof(
      spread.map((one) => [one]),
      spread.map((one) => [one, -one]),
      spread.map((one) => [one, -one * (1 + 2 ** -52)]),
      // A tie, and what breaks it, if only a little.
      fc.integer({ min: -900, max: 900 }).map((exponent) => [2 ** exponent, 2 ** (exponent - 53)]),
      fc.constantFrom(5e-324, -5e-324, 2 ** -1_022, -(2 ** -1_022) + 5e-324).map((one) => [one]),
      // Beside the borders of the bins, and the largest that can be added.
      fc
        .constantFrom(2 ** -128, 2 ** -128 * (1 - 2 ** -53), 2 ** 128, 2 ** 128 * (1 - 2 ** -53))
        .map((one) => [one]),
      fc.constantFrom(2 ** 960 * (1 - 2 ** -53), -(2 ** 960) * (1 - 2 ** -53), -0).map((one) => [one]),
    ),
    { maxLength: 30 },
  )
  .map((groups) => groups.flat());

const exactOf = (numbers: readonly number[]): bigint =>
  numbers.reduce((units, one) => units + unitsOf(one), 0n);

test.each([
  ['of one size', fc.array(number, { maxLength: 40 })],
  ['of all sizes, cancelling, in the middle between two doubles', hostile],
])('is exact, and rounded to the nearest double once, ties to even: numbers %s', (_, lists) => {
  fc.assert(
    fc.property(lists, (numbers) => {
      const sum = exactSumOf(numbers);
      const exact = exactOf(numbers);
      // Object.is: a sum of 0 is 0, never -0.
      expect(Object.is(sum.value, exact === 0n ? 0 : doubleOf(exact))).toBe(true);
      const stored = sum.toJSON();
      expect(exactOf(stored)).toBe(exact);
      expect(stored.every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('merged in any order and grouping, over JSON or not, it is the same to the bit', () => {
  fc.assert(
    fc.property(
      fc.array(hostile, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.boolean()),
      (parts, coins) => {
        const whole = exactSumOf(parts.flat());
        const flip = (): boolean => coins.next().value === true;
        let sums = parts.map(exactSumOf);
        while (sums.length > 1) {
          const [one, other, ...rest] = flip() ? sums.toReversed() : sums;
          if (!one || !other) throw new Error('there are two');
          one.merge(flip() ? other : new ExactSum(JSON.parse(JSON.stringify(other)) as number[]));
          sums = flip() ? [...rest, one] : [one, ...rest];
        }
        expect(sums[0]?.toJSON()).toEqual(whole.toJSON());
        expect(Object.is(sums[0]?.value, whole.value)).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('numbers of any form with the same sum are read, as other releases stored them', () => {
  fc.assert(
    fc.property(hostile, (numbers) => {
      // Of rising magnitude, and not the nearest double first.
      const partials: number[] = [];
      for (const one of numbers) {
        let x = one;
        let kept = 0;
        for (const y of partials) {
          const [large, small] = Math.abs(x) < Math.abs(y) ? [y, x] : [x, y];
          const high = large + small;
          const low = small - (high - large);
          if (low !== 0) {
            partials[kept] = low;
            kept += 1;
          }
          x = high;
        }
        partials.splice(kept, Number.POSITIVE_INFINITY, x);
      }
      const own = exactSumOf(numbers);
      const read = new ExactSum(partials);
      expect([read.value, read.toJSON()]).toEqual([own.value, own.toJSON()]);
    }),
    { numRuns: 1_000 },
  );
});

test('is exact where adding one after the other is not', () => {
  expect(sumOf([1e100, 1, -1e100])).toBe(1);
  expect(sumOf([1, 1e100, 1, -1e100])).toBe(2);
  expect(sumOf(Array.from({ length: 10 }, () => 0.1))).toBe(1);
  expect(sumOf([])).toBe(0);
  expect(sumOf([-0])).toBe(0);
  expect(sumOf([5e-324, 1e-310, -1e-310])).toBe(5e-324);
  // Rounded once: half a unit in the last place, and a little more.
  expect(sumOf([1, 2 ** -53, 2 ** -106])).toBe(1 + 2 ** -52);
  expect(sumOf([1, 2 ** -53])).toBe(1);
});

/** Both halves odd and as large as they can be: none has a bit to spare. */
const FULLEST = ((2 ** 26 - 1) * 2 ** 27 + (2 ** 26 - 1)) * 2 ** -52;

test.each([FULLEST, -FULLEST, Math.PI, 2 - 2 ** -52])(
  'is exact when %d is added more often than fits',
  (value) => {
    const sum = new ExactSum();
    const count = 2 ** 27 + 2 ** 20 + 1;
    for (let index = 0; index < count; index += 1) sum.add(value);
    expect(exactOf(sum.toJSON())).toBe(BigInt(count) * unitsOf(value));
  },
  30_000,
);

test('a sum may be larger than what can be added', () => {
  const large = exactSumOf(Array.from({ length: 100 }, () => 9e288));
  const again = new ExactSum(large.toJSON());
  again.merge(large);
  again.merge(again);
  expect(again.value).toBe(4 * large.value);
});

test('keeps what was read while more is added', () => {
  const sum = new ExactSum();
  const read = [1, 2 ** -60, 3, -4].map((one) => {
    sum.add(one);
    return sum.value;
  });
  expect(read).toEqual([1, 1, 4, 2 ** -60]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e300])('%d is refused, and nothing is added', (value) => {
  const sum = exactSumOf([1]);
  expect(() => sum.add(value)).toThrow(RangeError);
  expect(sum.value).toBe(1);
});

test('what has no finite sum is refused, and nothing is added', () => {
  for (const partials of [
    [Number.NaN],
    [1, Number.NEGATIVE_INFINITY],
    [Number.MAX_VALUE, Number.MAX_VALUE],
    // JSON knows no other name for what is not a number.
    [null as unknown as number],
  ]) {
    expect(() => new ExactSum(partials), String(partials)).toThrow(RangeError);
  }
  const most = new ExactSum([Number.MAX_VALUE]);
  expect(() => most.merge(most)).toThrow(RangeError);
  expect(most.toJSON()).toEqual([Number.MAX_VALUE]);
});
