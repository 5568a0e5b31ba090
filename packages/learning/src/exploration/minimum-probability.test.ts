import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedCount } from './choice.ts';
import { enforceMinimumProbability } from './minimum-probability.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Nearer to 1 the way by sorting loses its digits. */
const floors = fc.double({ min: 0, max: 0.999, noNaN: true });
const weight = fc.oneof(share, fc.constantFrom(0, 1, 1e-12, 0.5));

/** A distribution over the allowed ones of some actions. */
const distribution = fc.array(fc.tuple(weight, fc.boolean()), { minLength: 1, maxLength: 30 }).map((list) => {
  const allowed = Uint8Array.from(list, ([, isAllowed]) => (isAllowed ? 1 : 0));
  if (!allowed.includes(1)) allowed[0] = 1;
  const weights = list.map(([w], index) => (allowed[index] === 1 ? w : 0));
  const sum = weights.reduce((total, w) => total + w, 0);
  const k = allowedCount(allowed, list.length);
  const p = weights.map((w, index) => (sum > 0 ? w / sum : allowed[index] === 1 ? 1 / k : 0));
  return { allowed, p };
});

/** The projection by sorting, as Duchi, Shalev-Shwartz, Singer and Chandra have it, over the allowed actions. */
function bySorting(p: readonly number[], floor: number): number[] {
  const k = p.length;
  const m = floor / k;
  const sorted = p.toSorted((a, b) => b - a);
  let tau = 0;
  let sum = 0;
  for (const [i, q] of sorted.entries()) {
    sum += q;
    const rest = (k - i - 1) * m + sum - 1;
    if (q > rest / (i + 1) + m) tau = rest / (i + 1);
  }
  return p.map((q) => Math.max(q - tau, m));
}

test('is the projection: sums to 1, keeps the floor, leaves excluded ones at 0, keeps the order', () => {
  fc.assert(
    fc.property(distribution, floors, ({ allowed, p }, floor) => {
      const found = Float64Array.from(p);
      enforceMinimumProbability(found, p.length, allowed, floor);
      expect(Math.abs(found.reduce((sum, q) => sum + q, 0) - 1)).toBeLessThan(1e-9);
      const least = floor / allowedCount(allowed, p.length);
      const isAllowed = (_q: number, index: number): boolean => allowed[index] === 1;
      const [before, after] = [p.filter(isAllowed), Array.from(found).filter(isAllowed)];
      expect(Array.from(found).filter((q, index) => allowed[index] === 0 && q !== 0)).toEqual([]);
      const expected = bySorting(before, floor);
      for (const [index, q] of after.entries()) {
        expect(q).toBeGreaterThanOrEqual(least * (1 - 1e-9));
        expect(q).toBeLessThanOrEqual(1);
        expect(Math.abs(q - (expected[index] ?? 0))).toBeLessThan(1e-9);
        const lower = after.filter((_q, other) => (before[other] ?? 0) < (before[index] ?? 0));
        expect(Math.max(0, ...lower)).toBeLessThanOrEqual(q);
      }
    }),
    { numRuns: 500 },
  );
});

test('done twice changes nothing more', () => {
  fc.assert(
    fc.property(distribution, share, ({ allowed, p }, floor) => {
      const once = Float64Array.from(p);
      enforceMinimumProbability(once, p.length, allowed, floor);
      const twice = Float64Array.from(once);
      enforceMinimumProbability(twice, p.length, allowed, floor);
      for (const [index, q] of twice.entries()) expect(Math.abs(q - (once[index] ?? 0))).toBeLessThan(1e-12);
    }),
  );
});

test('moves what is above the floor by the same amount, and is no mixture', () => {
  const p = Float64Array.of(0.7, 0.3, 0, 0);
  enforceMinimumProbability(p, 4, undefined, 0.4);
  expect(Array.from(p)).toEqual([expect.closeTo(0.6), expect.closeTo(0.2), 0.1, 0.1]);
});

test('a floor of almost 1 is the uniform distribution; without one nothing changes', () => {
  const p = Float64Array.of(0, 1);
  enforceMinimumProbability(p, 2, undefined, 0);
  expect(Array.from(p)).toEqual([0, 1]);
  enforceMinimumProbability(p, 2, undefined, 0.999_999_999_999_999_9);
  expect(Array.from(p)).toEqual([0.5, 0.5]);
});
