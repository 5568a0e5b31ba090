import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { chiSquareP } from '../../test/chi-square.ts';
import { uniformOf } from '../draw/uniform.ts';
import { Choice } from '../exploration/choice.ts';
import { DecisionFeatures } from '../features/decision-features.ts';
import { poissonOf } from './bagging.ts';
import { createLinearPolicy } from './linear-policy.ts';
import { emptyPolicyState } from './policy-state.ts';

const ACTIONS = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

function version(explorer: object, minimumProbability = 0) {
  const configuration = versionConfigurationSchema.parse({
    explorer,
    minimum_probability: minimumProbability,
    learner: { bits: 10 },
  });
  return { policy: createLinearPolicy(configuration), state: emptyPolicyState(configuration) };
}

test('how often a model sees a decision has a Poisson distribution with mean 1', () => {
  const counts = Array.from({ length: 8 }, () => 0);
  for (let i = 0; i < 50_000; i += 1) {
    const times = Math.min(7, poissonOf(uniformOf('bagging', `decision-${i}`, String(i % 8))));
    counts[times] = (counts[times] ?? 0) + 1;
  }
  let rest = 1;
  const expected = [1, 1, 2, 6, 24, 120, 720].map((factorial) => {
    const p = Math.exp(-1) / factorial;
    rest -= p;
    return p;
  });
  expect(chiSquareP(counts, [...expected, rest])).toBeGreaterThan(1e-6);
  expect(poissonOf(0)).toBe(0);
  expect(Number.isFinite(poissonOf(1 - 2 ** -53))).toBe(true);
});

test('probabilities are the votes of models that each learned as often as their counts say', () => {
  const bagging = version({ kind: 'bagging', models: 4 });
  const alone = Array.from({ length: 4 }, () => version({ kind: 'epsilon_greedy', epsilon: 0 }));
  const features = new DecisionFeatures();
  const choice = new Choice();
  for (let i = 0; i < 60; i += 1) {
    features.read({ x: Math.sin(i) }, ACTIONS);
    bagging.policy.decide(bagging.state, features, undefined, choice);
    const found = Array.from(choice.probabilities.subarray(0, 3));
    const scores = Array.from(choice.scores.subarray(0, 3));
    const votes = [0, 0, 0];
    const means = [0, 0, 0];
    for (const { policy, state } of alone) {
      policy.decide(state, features, undefined, choice);
      for (let a = 0; a < 3; a += 1) {
        votes[a] = (votes[a] ?? 0) + (choice.probabilities[a] ?? 0) / 4;
        means[a] = (means[a] ?? 0) + (choice.scores[a] ?? 0) / 4;
      }
    }
    for (let a = 0; a < 3; a += 1) {
      expect(found[a]).toBeCloseTo(votes[a] ?? 0, 12);
      expect(scores[a]).toBeCloseTo(means[a] ?? 0, 12);
    }
    const logged = { features, decisionId: `d${i}`, chosen: i % 3, propensity: 0.4, reward: Math.cos(i * i) };
    bagging.policy.learn(bagging.state, logged);
    for (const [index, { policy, state }] of alone.entries()) {
      const times = poissonOf(uniformOf('bagging', `d${i}`, String(index)));
      for (let time = 0; time < times; time += 1) policy.learn(state, logged);
    }
  }
  for (const [index, { state }] of alone.entries()) {
    expect(bagging.state.models[index]?.weights).toEqual(state.models[0]?.weights);
  }
});
