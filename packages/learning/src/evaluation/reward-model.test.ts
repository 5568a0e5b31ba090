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
