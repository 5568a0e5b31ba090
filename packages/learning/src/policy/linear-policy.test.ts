import type { VersionConfiguration } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquareP } from '../../test/chi-square.ts';
import { actionsOf, anyNumber, featuresOf } from '../../test/feature-values.ts';
import { versions } from '../../test/versions.ts';
import { drawIndex } from '../draw/draw-index.ts';
import { Generator } from '../draw/generator.ts';
import { uniformOf } from '../draw/uniform.ts';
import { Choice } from '../exploration/choice.ts';
import { DecisionFeatures } from '../features/decision-features.ts';
import type { LoggedDecision } from './learner.ts';
import { type LinearPolicy, createLinearPolicy } from './linear-policy.ts';
import { type PolicyState, emptyPolicyState } from './policy-state.ts';

const propensity = fc.oneof(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.constantFrom(1, 1e-6, 5e-324));
/** A decision with its reward: any features, any reward, any actions excluded but the chosen one. */
const logged = (number: fc.Arbitrary<number>) =>
  fc.record({
    context: featuresOf(number),
    actions: actionsOf(number, { maxLength: 4 }),
    chosen: fc.nat(3),
    excluded: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    propensity,
    reward: number,
  });

/** Learns a history that is the same each time: three actions, of which the last is best where `x` is large. */
function taught(
  configuration: VersionConfiguration,
  count = 60,
): { policy: LinearPolicy; state: PolicyState } {
  const policy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const features = new DecisionFeatures();
  const generator = new Generator('history', []);
  for (let i = 0; i < count; i += 1) {
    const x = generator.uniform();
    features.read({ x, side: x > 0.5 ? 'left' : 'right' }, ACTIONS);
    const chosen = Math.floor(generator.uniform() * 3);
    const reward = chosen === 2 ? x : 0.4 + 0.1 * chosen;
    policy.learn(state, { features, decisionId: `d${i}`, chosen, propensity: 1 / 3, reward });
  }
  return { policy, state };
}

const ACTIONS = [{ id: 'action-0' }, { id: 'action-1', features: { long: true } }, { id: 'action-2' }];

describe.each(versions)('%s', (_kind, configuration) => {
  test('scores and probabilities are finite, sum to 1 and keep the floor, after learning anything', () => {
    fc.assert(
      fc.property(
        fc.array(logged(anyNumber), { maxLength: 5 }),
        fc.constantFrom(0, 0.01, 0.5, 1),
        (decisions, floor) => {
          const floored = { ...configuration, minimum_probability: floor };
          const policy = createLinearPolicy(floored);
          const state = emptyPolicyState(floored);
          const features = new DecisionFeatures();
          const choice = new Choice();
          for (const [number, { context, actions, excluded, ...rest }] of decisions.entries()) {
            const chosen = rest.chosen % actions.length;
            const allowed = Uint8Array.from(actions, (_a, i) => (i !== chosen && excluded[i] ? 0 : 1));
            features.read(context, actions);
            policy.learn(state, { ...rest, chosen, allowed, features, decisionId: String(number) });
            policy.decide(state, features, allowed, choice);
            const p = Array.from(choice.probabilities.subarray(0, choice.count));
            expect(choice.count).toBe(actions.length);
            expect(Math.abs(p.reduce((sum, q) => sum + q, 0) - 1)).toBeLessThan(1e-9);
            const m = floor / allowed.filter((place) => place === 1).length;
            const kept = p.filter((_q, index) => allowed[index] === 1);
            expect(Math.min(...kept)).toBeGreaterThanOrEqual(m * (1 - 1e-9));
            expect(p.filter((q, index) => allowed[index] === 0 && q !== 0)).toEqual([]);
            expect(p.every((q) => q <= 1)).toBe(true);
            expect(choice.scores.subarray(0, choice.count).every(Number.isFinite)).toBe(true);
          }
          const arrays = state.models.flatMap(({ weights, gradients, scales }) => [
            weights,
            gradients,
            scales,
          ]);
          expect(arrays.every((array) => array.every(Number.isFinite))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('what is drawn for ids that count up has the frequencies of the probabilities', () => {
    const { policy, state } = taught({ ...configuration, minimum_probability: 0.05 });
    const features = new DecisionFeatures();
    const choice = new Choice();
    features.read({ x: 0.45, side: 'right' }, ACTIONS);
    policy.decide(state, features, undefined, choice);
    const drawn = [0, 0, 0];
    for (let i = 0; i < 20_000; i += 1) {
      const index = drawIndex(choice, uniformOf('action', 'acme-support', 'p', `ticket-${i}`));
      drawn[index] = (drawn[index] ?? 0) + 1;
    }
    expect(chiSquareP(drawn, Array.from(choice.probabilities.subarray(0, 3)))).toBeGreaterThan(1e-6);
  });

  test('explains each score by contributions that sum to it, the largest first', () => {
    const modest = fc.double({ min: -100, max: 100, noNaN: true });
    const { policy, state } = taught(configuration);
    const features = new DecisionFeatures();
    const choice = new Choice();
    fc.assert(
      fc.property(featuresOf(modest), actionsOf(modest), fc.boolean(), (context, actions, known) => {
        const asked = known ? { ...context, x: 0.3 } : context;
        features.read(asked, actions);
        policy.decide(state, features, undefined, choice);
        for (const [index, { id, score, contributions }] of policy.explain(state, asked, actions).entries()) {
          expect(id).toBe(actions[index]?.id);
          const sizes = contributions.map(({ contribution }) => Math.abs(contribution));
          expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
          const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
          const size = 1 + sizes.reduce((total, one) => total + one, 0);
          expect(Math.abs(sum - (choice.scores[index] ?? 0))).toBeLessThan(1e-9 * size);
          expect(Math.abs(score - sum)).toBeLessThan(1e-9 * size);
          for (const { value, weight, contribution } of contributions)
            expect(contribution).toBe(value * weight);
        }
      }),
    );
  });

  test('refuses what cannot have been, and learns nothing of it', () => {
    const { policy, state } = taught(configuration, 5);
    const features = new DecisionFeatures();
    features.read({ x: 1 }, ACTIONS);
    const well: LoggedDecision = { features, decisionId: 'd', chosen: 0, propensity: 0.5, reward: 1 };
    const before = structuredClone(state);
    for (const change of [
      { propensity: 0 },
      { propensity: -0.1 },
      { propensity: 1.000_001 },
      { propensity: Number.NaN },
      { reward: Number.NaN },
      { reward: Number.POSITIVE_INFINITY },
      { chosen: 3 },
      { chosen: -1 },
      { chosen: 0.5 },
      { allowed: Uint8Array.of(0, 1, 1) },
    ]) {
      expect(() => policy.learn(state, { ...well, ...change })).toThrow(RangeError);
    }
    expect(state).toEqual(before);
  });

  test('learns the same bits from the same decisions', () => {
    expect(taught(configuration).state).toEqual(taught(configuration).state);
  });
});

describe('a version under the exploration of another one', () => {
  test.each(versions)('%s: says whether probabilities follow from scores alone', (_kind, configuration) => {
    const { policy, state } = taught({ ...configuration, minimum_probability: 0.1 });
    const features = new DecisionFeatures();
    features.read({ x: 0.9 }, ACTIONS);
    const [own, other] = [new Choice(), new Choice()];
    policy.decide(state, features, undefined, own);
    other.reserve(3);
    other.scores.set(own.scores.subarray(0, 3));
    other.probabilities.fill(-1);
    const isDone = policy.explore(state, undefined, other);
    expect(isDone).toBe(['epsilon_greedy', 'softmax', 'squarecb'].includes(configuration.explorer.kind));
    const expected = isDone ? own.probabilities.subarray(0, 3) : [-1, -1, -1];
    expect(Array.from(other.probabilities.subarray(0, 3))).toEqual(Array.from(expected));
  });
});

describe('what was learned', () => {
  const learning = versions.filter(([, { explorer }]) => explorer.kind !== 'fixed');
  test.each(learning)('%s: prefers what was better, by the context', (_kind, configuration) => {
    const { policy, state } = taught(configuration, 3_000);
    const features = new DecisionFeatures();
    const choice = new Choice();
    features.read({ x: 0.95, side: 'left' }, ACTIONS);
    policy.decide(state, features, undefined, choice);
    const [a = 0, b = 0, c = 0] = choice.probabilities;
    expect(c).toBeGreaterThan(Math.max(a, b));
    features.read({ x: 0.05, side: 'right' }, ACTIONS);
    policy.decide(state, features, undefined, choice);
    const [d = 0, e = 0, f = 0] = choice.probabilities;
    expect(f).toBeLessThan(Math.max(d, e));
  });
});
