import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FeatureVector } from '../features/feature-layout.ts';
import { type LinearState, emptyLinearState, predict, update } from './linear-learner.ts';

function vectorOf(pairs: readonly (readonly [number, number])[]): FeatureVector {
  const vector = new FeatureVector();
  vector.reserve(pairs.length);
  for (const [index, value] of pairs) {
    vector.indices[vector.count] = index;
    vector.values[vector.count] = value;
    vector.count += 1;
  }
  return vector;
}

function isFinite({ weights, gradients, scales, totals }: LinearState): boolean {
  return [...weights, ...gradients, ...scales, ...Object.values(totals)].every(Number.isFinite);
}

const CONSTANT = [15, 1] as const;
/** Products of two features, each at most 1e30; those that vanish among them. */
const value = fc.oneof(
  fc.double({ min: -1e60, max: 1e60, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, 1, 1000, 1e-30, 1e30, 1e60, 5e-324),
);
const label = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(0, 1, 1e-30, 1e30, Number.MAX_VALUE),
);
const importance = fc.constantFrom(1, 0.1, 1e6, 1e30, 1 / 5e-324, 1e-3);
const example = fc.record({
  pairs: fc.array(fc.tuple(fc.nat(15), value), { maxLength: 6 }),
  label,
  importance,
});

describe('a linear model', () => {
  test('has only finite numbers after any examples, and predicts none but those', () => {
    fc.assert(
      fc.property(fc.array(example, { maxLength: 12 }), fc.constantFrom(0.5, 1e-9, 1e9), (examples, rate) => {
        const state = emptyLinearState(4);
        for (const { pairs, label: y, importance: h } of examples) {
          const vector = vectorOf([...pairs, CONSTANT]);
          update(state, vector, y, h, rate);
          expect(Number.isFinite(predict(state, vector))).toBe(true);
          expect(isFinite(state)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['a first example with label 0', [[1, 2]], 0, 1],
    ['a feature of value 0', [[1, 0]], 1, 1],
    ['no feature at all', [], 1, 1],
    ['a feature of 1e-30', [[1, 1e-30]], 1, 1],
    ['a feature of 1e30', [[1, 1e30]], 1, 1],
    ['an importance of a million', [[1, 1]], 1, 1e6],
    [
      'a million and 1e-30 and 1e30 together',
      [
        [1, 1e-30],
        [2, 1e30],
      ],
      -1,
      1e6,
    ],
  ] as [string, [number, number][], number, number][])('%s is learned from', (_, pairs, y, h) => {
    const state = emptyLinearState(4);
    update(state, vectorOf(pairs), y, h, 0.5);
    update(
      state,
      vectorOf([
        [1, 3],
        [2, -1],
      ]),
      0.5,
      1,
      0.5,
    );
    expect(isFinite(state)).toBe(true);
    expect(
      Math.abs(
        predict(
          state,
          vectorOf([
            [1, 3],
            [2, -1],
          ]),
        ) - 0.5,
      ),
    ).toBeLessThan(0.5);
  });

  test('a feature that is 1,000 times as large as before does no harm to what was learned', () => {
    const state = emptyLinearState(4);
    for (let i = 0; i < 200; i += 1) update(state, vectorOf([[1, 1], CONSTANT]), 0.8, 1, 0.5);
    update(state, vectorOf([[1, 1000], CONSTANT]), 0.8, 1, 0.5);
    expect(isFinite(state)).toBe(true);
    for (let i = 0; i < 50; i += 1) update(state, vectorOf([[1, 1], CONSTANT]), 0.8, 1, 0.5);
    expect(predict(state, vectorOf([[1, 1], CONSTANT]))).toBeCloseTo(0.8, 2);
  });

  test('moves towards a label and never past it, however important, while no scale grows', () => {
    const modest = fc.double({ min: 0.1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(modest, modest, modest), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0.1, 1, 1000, 1e9),
        (rows, h) => {
          const state = emptyLinearState(4);
          // Grows all scales to the largest value that follows.
          update(state, vectorOf([[1, 1], [2, 1], CONSTANT]), 0.5, 1, 0.5);
          for (const [a, b, y] of rows) {
            const vector = vectorOf([[1, a], [2, b], CONSTANT]);
            // The label is in the range before the prediction is asked for, as it is in the update.
            state.totals.most = Math.max(state.totals.most, y);
            const before = predict(state, vector);
            let unclipped = 0;
            for (let i = 0; i < vector.count; i += 1) {
              unclipped += (state.weights[vector.indices[i] ?? 0] ?? 0) * (vector.values[i] ?? 0);
            }
            update(state, vector, y, h, 0.5);
            const after = predict(state, vector);
            // What was clipped moves by as much, from where it is.
            const slack = Math.abs(unclipped - before) + 1e-9;
            expect(Math.abs(after - y)).toBeLessThanOrEqual(Math.abs(before - y) + slack);
            expect((after - y) * Math.sign(before - y)).toBeGreaterThanOrEqual(-slack);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('learns nothing from what it predicts already', () => {
    const state = emptyLinearState(4);
    update(state, vectorOf([[1, 1]]), 0, 1, 0.5);
    expect(state).toEqual(emptyLinearState(4));
  });

  test('finds a linear function of features of very different scales', () => {
    const state = emptyLinearState(4);
    const truth = (a: number, b: number): number => 0.3 + 0.4 * a - 0.2 * b;
    const vector = (a: number, b: number): FeatureVector => vectorOf([[1, a * 1e6], [2, b * 1e-6], CONSTANT]);
    for (let i = 0; i < 5_000; i += 1) {
      const [a, b] = [Math.sin(i), Math.cos(i * 1.7)];
      update(state, vector(a, b), truth(a, b), 1, 0.5);
    }
    for (let i = 0; i < 20; i += 1) {
      const [a, b] = [Math.sin(i * 0.3), Math.cos(i)];
      expect(predict(state, vector(a, b))).toBeCloseTo(truth(a, b), 2);
    }
  });
});
