import { DecisionFeatures, createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { ProgressiveLoss } from './progressive-loss.ts';

const ACTIONS = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

/** Loss over decisions that all choose the second of three actions. */
function lossOf(explorer: object, rewards: readonly number[]): number | null {
  const configuration = versionConfigurationSchema.parse({ explorer, learner: { bits: 8 } });
  const policy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const features = new DecisionFeatures();
  const loss = new ProgressiveLoss(policy);
  for (const [index, reward] of rewards.entries()) {
    features.read({ x: 1 }, ACTIONS);
    const logged = { features, decisionId: `d${index}`, chosen: 1, propensity: 1 / 3, reward };
    const learned = loss.before(state, logged);
    policy.learn(state, logged);
    learned();
  }
  return loss.mean;
}

test('the first prediction is 0, so that the loss of one decision is its squared reward', () => {
  expect(lossOf({ kind: 'squarecb' }, [0.5])).toBe(0.25);
});

test.for(['epsilon_greedy', 'squarecb', 'bagging', 'cover', 'thompson'])(
  '%s: what is always the same is soon predicted, and what was predicted before is held to the rewards so far',
  (kind) => {
    const rewards = Array.from({ length: 400 }, () => 0.8);
    expect(lossOf({ kind }, rewards)).toBeLessThan(0.1);
    // Whatever is predicted after rewards of 1 lies in [0, 1], so the loss of a reward of 100 is at least 99².
    const [before, after] = [lossOf({ kind }, [1, 1]), lossOf({ kind }, [1, 1, 100])];
    expect(3 * (after ?? 0) - 2 * (before ?? 0)).toBeGreaterThanOrEqual(99 ** 2 - 1e-6);
  },
);

test('nothing is said where nothing was predicted', () => {
  expect(lossOf({ kind: 'fixed', probabilities: { a: 0.5, b: 0.5, c: 0 } }, [1])).toBeNull();
  expect(lossOf({ kind: 'squarecb' }, [])).toBeNull();
});
