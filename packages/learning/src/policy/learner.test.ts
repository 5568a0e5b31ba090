import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { DecisionFeatures } from '../features/decision-features.ts';
import { FeatureLayout, FeatureVector } from '../features/feature-layout.ts';
import { emptyLinearState, predict, update } from '../learner/linear-learner.ts';
import { createLinearPolicy } from './linear-policy.ts';
import { emptyPolicyState } from './policy-state.ts';

const ACTIONS = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
const features = new DecisionFeatures();

function version(
  explorer: VersionConfiguration['explorer']['kind'],
  estimator: string,
): VersionConfiguration {
  return versionConfigurationSchema.parse({ explorer: { kind: explorer }, learner: { estimator, bits: 10 } });
}

/** The row that a version makes of decision i, anew: [action, target, importance]. */
type Rows = (
  i: number,
  p: number,
  reward: number,
  expected: (action: number) => number,
) => [number, number, number][];

test.each<[string, VersionConfiguration, Rows]>([
  ['mtr', version('epsilon_greedy', 'mtr'), (i, p, r) => [[i % 3, r, 1 / p / meanCount(i)]]],
  [
    'mtr under squarecb, with p as 1',
    version('squarecb', 'mtr'),
    (i, _p, r) => [[i % 3, r, 1 / meanCount(i)]],
  ],
  ['dm', version('squarecb', 'dm'), (i, _p, r) => [[i % 3, r, 1]]],
  ['ips', version('softmax', 'ips'), (i, p, r) => shown(i).map((a) => [a, a === i % 3 ? r / p : 0, 1])],
  [
    'dr',
    version('softmax', 'dr'),
    (i, p, r, expected) =>
      shown(i).map((a) => [a, expected(a) + (a === i % 3 ? (r - expected(a)) / p : 0), 1]),
  ],
])('%s regresses on the targets of its definition, for allowed actions alone', (_, configuration, rows) => {
  const policy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const layout = new FeatureLayout(configuration.learner);
  const rate = configuration.learner.learning_rate;
  const [model, rewards] = [emptyLinearState(10), emptyLinearState(10)];
  const vector = new FeatureVector();
  const of = (action: number): FeatureVector => {
    layout.vector(features, action, vector);
    return vector;
  };
  for (let i = 0; i < 60; i += 1) {
    features.read({ x: Math.sin(i) }, ACTIONS);
    const [p, reward] = [0.2 + 0.7 * Math.abs(Math.cos(i)), Math.sin(i * i)];
    const allowed = Uint8Array.from(ACTIONS, (_action, a) => (shown(i).includes(a) ? 1 : 0));
    policy.learn(state, { features, allowed, decisionId: `d${i}`, chosen: i % 3, propensity: p, reward });
    const expected = ACTIONS.map((_action, a) => predict(rewards, of(a)));
    update(rewards, of(i % 3), reward, 1 / p, rate);
    for (const [action, target, importance] of rows(i, p, reward, (a) => expected[a] ?? 0)) {
      update(model, of(action), target, importance, rate);
    }
  }
  for (const [at, weight] of model.weights.entries())
    expect(state.models[0]?.weights[at]).toBeCloseTo(weight, 9);
});

/** Every fourth decision excludes an action that was not chosen. */
function shown(i: number): number[] {
  return [0, 1, 2].filter((action) => i % 4 !== 3 || action !== (i + 1) % 3);
}

/** Mean number of allowed actions up to decision i. */
function meanCount(i: number): number {
  let sum = 0;
  for (let before = 0; before <= i; before += 1) sum += shown(before).length;
  return sum / (i + 1);
}
