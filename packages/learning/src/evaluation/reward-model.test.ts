import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uniformOf } from '../draw/uniform.ts';
import { DecisionFeatures } from '../features/decision-features.ts';
import { CrossFittedRewardModel } from './reward-model.ts';

const actions = [{ id: 'a' }, { id: 'b' }];
const features = new DecisionFeatures();
const foldOf = (id: string): number => Math.floor(uniformOf('fold', id) * 2);

test('a decision is predicted by what did not learn it', () => {
  const model = new CrossFittedRewardModel();
  const ids = Array.from({ length: 20 }, (_, index) => `decision-${index}`);
  const [learned = ''] = ids;
  features.read({ x: 1 }, actions);
  model.learn(features, learned, 1, 1);
  const into = new Float64Array(2);
  const wrong: string[] = [];
  for (const id of ids) {
    model.predict(features, id, into);
    const knows = (into[1] ?? 0) > 0;
    if (knows === (foldOf(id) === foldOf(learned))) wrong.push(id);
  }
  expect(wrong).toEqual([]);
  expect(new Set(ids.map(foldOf)).size).toBe(2);
});

test('rewards that follow from action and context are learned', () => {
  const model = new CrossFittedRewardModel();
  const meanOf = (x: number, chosen: number): number => (chosen === 0 ? 0.2 : 0.2 + 0.6 * x);
  for (let index = 0; index < 4_000; index += 1) {
    const x = uniformOf('x', String(index));
    const chosen = index % 2;
    features.read({ x }, actions);
    model.learn(features, `d${index}`, chosen, uniformOf('r', String(index)) < meanOf(x, chosen) ? 1 : 0);
  }
  const into = new Float64Array(2);
  let error = 0;
  for (let index = 0; index < 100; index += 1) {
    const x = index / 100;
    features.read({ x }, actions);
    model.predict(features, `new-${index}`, into);
    error += (Math.abs((into[0] ?? 0) - meanOf(x, 0)) + Math.abs((into[1] ?? 0) - meanOf(x, 1))) / 200;
  }
  expect(error).toBeLessThan(0.15);
});

test('what is predicted of a decision does not depend on what it was itself', () => {
  const decision = fc.record({
    x: fc.constantFrom(-1, 1),
    chosen: fc.nat(1),
    reward: fc.double({ min: -5, max: 5, noNaN: true }),
  });
  const given = fc.array(decision, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(given, fc.nat(19), fc.integer({ min: 2, max: 3 }), (decisions, at, folds) => {
      const own = at % decisions.length;
      const predictedAfter = (all: typeof decisions): number[] => {
        const model = new CrossFittedRewardModel(folds);
        for (const [index, { x, chosen, reward }] of all.entries()) {
          features.read({ x }, actions);
          model.learn(features, `d${index}`, chosen, reward);
        }
        features.read({ x: decisions[own]?.x ?? 0 }, actions);
        const into = new Float64Array(2);
        model.predict(features, `d${own}`, into);
        return [...into];
      };
      const others = decisions.map((one, index) =>
        index === own ? { x: one.x, chosen: 1 - one.chosen, reward: one.reward + 3 } : one,
      );
      expect(predictedAfter(others)).toEqual(predictedAfter(decisions));
    }),
    { numRuns: 50 },
  );
});

test.each([0, 1, 2.5, Number.NaN])('%d folds are refused', (folds) => {
  expect(() => new CrossFittedRewardModel(folds)).toThrow(RangeError);
});
