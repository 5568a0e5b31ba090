import { expect, test } from 'vitest';
import { type Losses, bestOf, compare, estimateOf, overall } from './losses.ts';

const ours: Losses = new Map([
  ['a', [0.1, 0.2]],
  ['b', [0.5, 0.5]],
]);

function shifted(a: number, b: number): Losses {
  return new Map([
    ['a', [0.1 - a, 0.2 - a]],
    ['b', [0.5 - b, 0.5 - b]],
  ]);
}

test('the standard error is that of the mean', () => {
  const { mean, error } = estimateOf([1, 2, 3, 4]);
  expect(mean).toBe(2.5);
  // Variance 5/3, of four values.
  expect(error).toBeCloseTo(Math.sqrt(5 / 12), 12);
});

test('data sets count alike, and their errors add up as those of independent numbers', () => {
  expect(
    overall([
      { mean: 1, error: 3 },
      { mean: 3, error: 4 },
    ]),
  ).toEqual({ mean: 2, error: 2.5 });
});

test('shuffles are compared in pairs: what they share is no error', () => {
  const { differences, mean } = compare(ours, shifted(0.01, 0.01));
  expect(differences.get('a')?.mean).toBeCloseTo(0.01, 12);
  expect(differences.get('a')?.error).toBeCloseTo(0, 12);
  expect(mean.mean).toBeCloseTo(0.01, 12);
});

test.each([
  ['better', -0.1, -0.1, true],
  ['a little worse', 0.004, 0.005, true],
  ['worse in the mean', 0.006, 0.006, false],
  ['better in the mean, but much worse on one set', -0.1, 0.021, false],
])('%s', (_name, a, b, isAsGood) => {
  expect(compare(ours, shifted(a, b)).isAsGood).toBe(isAsGood);
});

test('within one standard error of the other is as good', () => {
  const noisy: Losses = new Map([['a', [0.5, 0.7]]]);
  expect(compare(noisy, new Map([['a', [0.5, 0.68]]])).isAsGood).toBe(true);
});

test('the best one has the least mean', () => {
  const learners = [
    { name: 'first', losses: ours },
    { name: 'second', losses: shifted(0.3, -0.1) },
  ];
  expect(bestOf(learners).name).toBe('second');
});
