import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Choice } from '../exploration/choice.ts';
import { drawIndex } from './draw-index.ts';

function choiceOf(probabilities: readonly number[]): Choice {
  const choice = new Choice();
  choice.reserve(probabilities.length);
  choice.probabilities.set(probabilities);
  return choice;
}

const LARGEST = 1 - 2 ** -53;

test('is the action on which the number falls', () => {
  const choice = choiceOf([0.25, 0, 0.5, 0.25]);
  const drawn = [0, 0.249, 0.25, 0.5, 0.749, 0.75, LARGEST].map((u) => drawIndex(choice, u));
  expect(drawn).toEqual([0, 0, 2, 2, 2, 3, 3]);
});

test('is never one of probability 0, even where rounding leaves a sliver at the end', () => {
  expect(drawIndex(choiceOf([0, 0.3, 0.6, 0.1 - 1e-12, 0]), LARGEST)).toBe(3);
  expect(drawIndex(choiceOf([0, 1]), 0)).toBe(1);
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }).filter((weights) => weights.some((w) => w > 0)),
      fc.double({ min: 0, max: LARGEST, noNaN: true }),
      (weights, u) => {
        const sum = weights.reduce((total, w) => total + w, 0);
        expect(weights[drawIndex(choiceOf(weights.map((w) => w / sum)), u)]).toBeGreaterThan(0);
      },
    ),
  );
});

test('there must be one to draw', () => {
  expect(() => drawIndex(choiceOf([0, 0]), 0.5)).toThrow(RangeError);
});
