import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Choice, allowedCount } from './choice.ts';
import { epsilonGreedy, softmax, squarecb } from './score-explorers.ts';

const anyScore = fc.oneof(
  fc.double({ min: -1e150, max: 1e150, noNaN: true }),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(0, -0, 1, 0.5),
);
const given = fc.array(fc.tuple(anyScore, fc.boolean()), { minLength: 1, maxLength: 30 }).map((list) => {
  const allowed = Uint8Array.from(list, ([, isAllowed]) => (isAllowed ? 1 : 0));
  if (!allowed.includes(1)) allowed[0] = 1;
  return { scores: list.map(([score]) => score), allowed };
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const parameter = fc.oneof(
  fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  fc.constantFrom(1e-9, 1, 1e9, Number.MAX_VALUE),
);

function choiceOf(scores: readonly number[]): Choice {
  const choice = new Choice();
  choice.reserve(scores.length);
  choice.scores.set(scores);
  choice.probabilities.fill(0.123);
  return choice;
}

describe.each([
  ['epsilon_greedy', share, epsilonGreedy],
  ['softmax', parameter, softmax],
  ['squarecb', fc.oneof(parameter, fc.constantFrom(0, Number.POSITIVE_INFINITY)), squarecb],
])('%s', (_kind, parameters, explore) => {
  test('gives probabilities that sum to 1, 0 to what is excluded, and not less to a higher score', () => {
    fc.assert(
      fc.property(given, parameters, ({ scores, allowed }, value) => {
        const choice = choiceOf(scores);
        explore(choice, allowed, value);
        const p = Array.from(choice.probabilities.subarray(0, scores.length));
        expect(Math.abs(p.reduce((sum, q) => sum + q, 0) - 1)).toBeLessThan(1e-9);
        expect(p.filter((q, index) => allowed[index] === 0 && q !== 0)).toEqual([]);
        expect(Math.min(...p)).toBeGreaterThanOrEqual(0);
        const isAllowed = (_score: number, index: number): boolean => allowed[index] === 1;
        const [kept, probabilities] = [scores.filter(isAllowed), p.filter(isAllowed)];
        for (const [index, q] of probabilities.entries()) {
          const lower = probabilities.filter((_q, other) => (kept[other] ?? 0) < (kept[index] ?? 0));
          // Rounding may leave the best one, which takes the rest, a hair lower than one just behind it.
          expect(Math.max(0, ...lower)).toBeLessThanOrEqual(q + 1e-12);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('known values', () => {
  test('epsilon_greedy shares what is best among equal ones', () => {
    const choice = choiceOf([1, 3, 3, 9]);
    epsilonGreedy(choice, Uint8Array.of(1, 1, 1, 0), 0.3);
    expect(Array.from(choice.probabilities.subarray(0, 4))).toEqual([
      expect.closeTo(0.1),
      expect.closeTo(0.45),
      expect.closeTo(0.45),
      0,
    ]);
  });

  test('softmax stays the same when all scores grow by the same', () => {
    const [one, other] = [choiceOf([0.1, 0.2, 0.3]), choiceOf([1000.1, 1000.2, 1000.3])];
    softmax(one, undefined, 7);
    softmax(other, undefined, 7);
    for (let i = 0; i < 3; i += 1) expect(one.probabilities[i]).toBeCloseTo(other.probabilities[i] ?? 0, 9);
    expect((one.probabilities[2] ?? 0) / (one.probabilities[0] ?? 1)).toBeCloseTo(Math.exp(7 * 0.2), 9);
  });

  test('squarecb counts the allowed actions alone, and of equal ones takes the first', () => {
    const choice = choiceOf([0.5, 0.5, 0.1, 0.9]);
    squarecb(choice, Uint8Array.of(1, 1, 1, 0), 10);
    const [a, b, c, d] = choice.probabilities;
    expect(b).toBeCloseTo(1 / 3, 12);
    expect(c).toBeCloseTo(1 / (3 + 4), 12);
    expect(a).toBeCloseTo(1 - 1 / 3 - 1 / 7, 12);
    expect(d).toBe(0);
    expect(allowedCount(Uint8Array.of(1, 1, 1, 0), 4)).toBe(3);
  });
});
