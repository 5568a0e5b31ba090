import { versionConfigurationSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { chiSquareP } from '../../test/chi-square.ts';
import { Generator } from '../draw/generator.ts';
import { Choice } from '../exploration/choice.ts';
import { DecisionFeatures, type Features, type HashableAction } from '../features/decision-features.ts';
import { createLinearPolicy } from './linear-policy.ts';
import { emptyPolicyState } from './policy-state.ts';

const configuration = versionConfigurationSchema.parse({
  explorer: { kind: 'thompson' },
  minimum_probability: 0,
  learner: { bits: 10, interactions: [], action_id_feature: true },
});
const policy = createLinearPolicy(configuration);
const choice = new Choice();
const features = new DecisionFeatures();

type History = readonly (readonly [chosen: number, reward: number])[];

/** Probabilities and scores after a history of decisions that are all alike. */
function after(
  history: History,
  context: Features,
  actions: readonly HashableAction[],
): [number[], number[]] {
  const state = emptyPolicyState(configuration);
  features.read(context, actions);
  for (const [chosen, reward] of history) {
    policy.learn(state, { features, decisionId: 'd', chosen, propensity: 0.5, reward });
  }
  policy.decide(state, features, undefined, choice);
  return [
    Array.from(choice.probabilities.subarray(0, choice.count)),
    Array.from(choice.scores.subarray(0, choice.count)),
  ];
}

/** P(a > b) for beta distributions with whole parameters, exactly (Miller 2015). */
function isBetter(a: readonly [number, number], b: readonly [number, number]): number {
  const logFactorial = (n: number): number =>
    Array.from({ length: Math.max(0, n) }, (_, i) => Math.log(i + 1)).reduce((sum, x) => sum + x, 0);
  const logBeta = (x: number, y: number): number =>
    logFactorial(x - 1) + logFactorial(y - 1) - logFactorial(x + y - 1);
  let sum = 0;
  for (let i = 0; i < a[0]; i += 1) {
    const log = logBeta(b[0] + i, a[1] + b[1]) - Math.log(a[1] + i) - logBeta(1 + i, a[1]) - logBeta(...b);
    sum += Math.exp(log);
  }
  return sum;
}

/** A thousand draws may miss a probability by this: five standard errors. */
const spread = (p: number): number => 5 * Math.sqrt((p * (1 - p)) / 1_000) + 1e-9;

const BARE = [{ id: 'a' }, { id: 'b' }];
const rewards = (action: number, ones: number, zeros: number): [number, number][] => [
  ...Array.from({ length: ones }, (): [number, number] => [action, 1]),
  ...Array.from({ length: zeros }, (): [number, number] => [action, 0]),
];

describe('without features', () => {
  test.each([
    [0, 0, 0, 0],
    [3, 1, 1, 3],
    [8, 2, 5, 5],
    [0, 5, 0, 0],
    [60, 40, 50, 50],
  ])('%i ones and %i zeros against %i and %i: as beta distributions say', (a1, a0, b1, b0) => {
    const [p, scores] = after([...rewards(0, a1, a0), ...rewards(1, b1, b0)], {}, BARE);
    const expected = isBetter([1 + a1, 1 + a0], [1 + b1, 1 + b0]);
    expect(Math.abs((p[0] ?? 0) - expected)).toBeLessThan(spread(expected));
    expect(scores[0]).toBeCloseTo((1 + a1) / (2 + a1 + a0), 12);
  });

  test('rewards of another unit and another place mean the same', () => {
    const history: History = [...rewards(0, 8, 2), ...rewards(1, 3, 7)];
    const [p, scores] = after(history, {}, BARE);
    const [large, largeScores] = after(
      history.map(([a, r]) => [a, r * 1e6]),
      {},
      BARE,
    );
    expect(large).toEqual(p);
    expect((largeScores[0] ?? 0) / 1e6).toBeCloseTo(scores[0] ?? 0, 9);
    const [negative] = after(
      history.map(([a, r]) => [a, r - 1]),
      {},
      BARE,
    );
    expect(negative).toEqual(p);
  });

  test('a range that grows changes what was before, too: the order of rewards does not matter', () => {
    const history: History = [
      [0, 1],
      [0, 1],
      [1, 3],
      [1, -2],
      [0, 10],
      [1, 4],
    ];
    expect(after(history, {}, BARE)).toEqual(after(history.toReversed(), {}, BARE));
  });
});

describe('with features', () => {
  test('two actions: as normal distributions say', () => {
    const actions = [
      { id: 'a', features: { x: 1 } },
      { id: 'b', features: { y: 1 } },
    ];
    const history: History = [
      [0, 1],
      [0, 0.6],
      [1, 0.5],
      [0, 0.9],
      [1, 0.4],
    ];
    const [p, scores] = after(history, {}, actions);
    // The posterior anew: weights x, a and the constant; y, b and the constant; noise 1/4, a diagonal at each step.
    const mean = new Map<string, number>();
    const variance = new Map<string, number>();
    const names = [
      ['x', 'a', '1'],
      ['y', 'b', '1'],
    ] as const;
    const of = (action: number, map: Map<string, number>, empty: number): number =>
      (names[action] ?? []).reduce((sum, name) => sum + (map.get(name) ?? empty), 0);
    for (const [action, reward] of history) {
      const error = reward - of(action, mean, 0);
      const total = 0.25 + of(action, variance, 1);
      for (const name of names[action] ?? []) {
        const v = variance.get(name) ?? 1;
        mean.set(name, (mean.get(name) ?? 0) + (v * error) / total);
        variance.set(name, v - (v * v) / total);
      }
    }
    const [m0, m1] = [of(0, mean, 0), of(1, mean, 0)];
    expect(scores).toEqual([expect.closeTo(m0, 12), expect.closeTo(m1, 12)]);
    // Each action is drawn by itself, with the variance of its own.
    const z = (m0 - m1) / Math.sqrt(of(0, variance, 1) + of(1, variance, 1));
    const expected = normalBelow(z);
    expect(Math.abs((p[0] ?? 0) - expected)).toBeLessThan(spread(expected));
  });

  test('many actions of which nothing is known are about equal, and each is drawn on its own', () => {
    const actions = Array.from({ length: 40 }, (_, index) => ({ id: `a${index}`, features: { x: 1 } }));
    const [p] = after([], { z: 1 }, actions);
    expect(p.reduce((sum, q) => sum + q, 0)).toBeCloseTo(1, 9);
    expect(
      chiSquareP(
        p.map((q) => q * 1_000),
        p.map(() => 1 / 40),
      ),
    ).toBeGreaterThan(1e-6);
  });

  test('the unit of the reward changes nothing', () => {
    const actions = [{ id: 'a' }, { id: 'b', features: { y: 2 } }];
    const generator = new Generator('unit', []);
    const history = Array.from({ length: 50 }, (_, i): [number, number] => [
      i % 2,
      generator.uniform() + (i % 2) / 4,
    ]);
    const [p] = after(history, { x: 3 }, actions);
    const [large] = after(
      history.map(([a, r]) => [a, r * 2 ** 20]),
      { x: 3 },
      actions,
    );
    expect(large).toEqual(p);
  });
});

test('probabilities are thousandths, and the same ones each time', () => {
  const history: History = [
    [0, 1],
    [1, 0],
  ];
  const [p] = after(history, { x: 1 }, BARE);
  for (const q of p) expect(q * 1_000).toBeCloseTo(Math.round(q * 1_000), 9);
  expect(after(history, { x: 1 }, BARE)[0]).toEqual(p);
});

/** Φ(z) by the midpoint rule. */
function normalBelow(z: number): number {
  const steps = 20_000;
  const width = (z + 12) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i += 1) sum += Math.exp(-((-12 + (i + 0.5) * width) ** 2) / 2);
  return (sum * width) / Math.sqrt(2 * Math.PI);
}
