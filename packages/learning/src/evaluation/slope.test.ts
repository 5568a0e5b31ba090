import fc from 'fast-check';
import { expect, test } from 'vitest';
import { choose } from './slope.ts';

const candidate = (value: number, halfWidth: number): { value: number; halfWidth: number } => ({
  value,
  halfWidth,
});

test('goes from the widest on as long as all agree', () => {
  const [widest, middle, narrow] = [candidate(1, 0.4), candidate(1.3, 0.2), candidate(1.5, 0.1)];
  expect(choose([narrow, widest, middle])).toBe(narrow);
});

test('stops at the first that disagrees, though a narrower one agrees again', () => {
  const [widest, biased, narrow] = [candidate(0, 0.1), candidate(1, 0.05), candidate(0, 0.01)];
  expect(choose([widest, biased, narrow])).toBe(widest);
});

test('each must agree with all that were accepted, not with the last one alone', () => {
  // 0.36 is within 0.02 + 1.449 · 0.1 of the second, and not within 0.02 + 1.449 · 0.2 = 0.31 of the first.
  const [widest, middle] = [candidate(0, 0.2), candidate(0.3, 0.1)];
  expect(choose([widest, middle, candidate(0.36, 0.02)])).toBe(middle);
});

test('the choice agrees with the widest, and nothing is chosen of nothing', () => {
  const number = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 12 }), (pairs) => {
      const candidates = pairs.map(([value, halfWidth]) => candidate(value, halfWidth));
      const [widest] = candidates.toSorted((a, b) => b.halfWidth - a.halfWidth);
      const chosen = choose(candidates);
      expect(chosen.halfWidth).toBeLessThanOrEqual(widest?.halfWidth ?? 0);
      expect(Math.abs(chosen.value - (widest?.value ?? 0))).toBeLessThanOrEqual(
        chosen.halfWidth + (Math.sqrt(6) - 1) * (widest?.halfWidth ?? 0),
      );
    }),
  );
  expect(() => choose([])).toThrow(RangeError);
});
