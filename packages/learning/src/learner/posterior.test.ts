import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FeatureVector } from '../features/feature-layout.ts';
import { emptyPosterior, posteriorMean, posteriorVariance, updatePosterior } from './posterior.ts';

function vectorOf(values: readonly number[]): FeatureVector {
  const vector = new FeatureVector();
  for (const [index, value] of values.entries()) {
    vector.indices[index] = index;
    vector.values[index] = value;
  }
  vector.count = values.length;
  return vector;
}

test('one feature of a steady scale: the exact posterior of a normal mean, whatever the unit of the reward', () => {
  for (const unit of [1, 1e6, 1e-6]) {
    const posterior = emptyPosterior(4);
    const rewards = [0.2, 0.9, 0.4, 0.6, 0.1];
    for (const reward of rewards) updatePosterior(posterior, vectorOf([2]), reward * unit);
    // Prior variance 1, noise variance 1/4: precision 1 + 4n, mean 4·Σr of it.
    const precision = 1 + 4 * rewards.length;
    const sum = rewards.reduce((total, reward) => total + reward, 0);
    expect(posteriorMean(posterior, vectorOf([2])) / unit).toBeCloseTo((4 * sum) / precision, 12);
    expect(posteriorVariance(posterior, vectorOf([2]))).toBeCloseTo(1 / precision, 12);
  }
});

test('features that never come together: each has the posterior of its own', () => {
  const posterior = emptyPosterior(4);
  for (let i = 0; i < 30; i += 1)
    updatePosterior(posterior, vectorOf(i % 3 ? [1, 0] : [0, 4]), i % 3 ? 0.8 : 0.1);
  expect(posteriorMean(posterior, vectorOf([1, 0]))).toBeCloseTo((4 * 20 * 0.8) / 81, 12);
  expect(posteriorVariance(posterior, vectorOf([0, 4]))).toBeCloseTo(1 / 41, 12);
});

test('a scale that grows leaves what was learned, and the belief of the larger scale is the one before it was seen', () => {
  const posterior = emptyPosterior(4);
  for (let i = 0; i < 10; i += 1) updatePosterior(posterior, vectorOf([1]), 0.5);
  const small = posteriorMean(posterior, vectorOf([1]));
  const large = posteriorMean(posterior, vectorOf([10]));
  expect(large).toBeCloseTo(10 * small, 12);
  // On the scale of 10: precision of the prior 1, and of the ten examples 40 · (1/10)².
  const expected = 1 / (1 + 0.4);
  expect(posteriorVariance(posterior, vectorOf([10]))).toBeCloseTo(expected, 12);
  updatePosterior(posterior, vectorOf([10]), large);
  expect(posteriorMean(posterior, vectorOf([1]))).toBeCloseTo(small, 12);
  expect(posteriorVariance(posterior, vectorOf([10]))).toBeCloseTo(1 / (1 / expected + 4), 12);
});

test('all numbers are finite and variances positive after any examples', () => {
  const value = fc.oneof(
    fc.double({ min: -1e60, max: 1e60, noNaN: true }),
    fc.constantFrom(0, 1, 1e-30, 1e60, 5e-324, -1000),
  );
  const reward = fc.oneof(fc.double({ min: -1e60, max: 1e60, noNaN: true }), fc.constantFrom(0, 1));
  const pairs = fc.array(fc.tuple(fc.nat(7), value), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(pairs, reward), { maxLength: 12 }), (examples) => {
      const posterior = emptyPosterior(3);
      const vector = new FeatureVector();
      for (const [example, told] of examples) {
        vector.count = example.length;
        for (const [i, [index, x]] of example.entries()) {
          vector.indices[i] = index;
          vector.values[i] = x;
        }
        updatePosterior(posterior, vector, told);
        const numbers = [...posterior.means, ...posterior.variances, posteriorMean(posterior, vector)];
        expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([]);
        expect(Math.min(...posterior.variances)).toBeGreaterThan(0);
        expect(posteriorVariance(posterior, vector)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 1_000 },
  );
});
