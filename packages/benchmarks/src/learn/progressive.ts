import {
  Choice,
  DecisionFeatures,
  type LinearPolicy,
  drawIndex,
  emptyPolicyState,
  uniformOf,
} from '@rlaas/learning';
import type { Dataset } from './dataset.ts';

/**
 * Progressive validation (Bietti, Agarwal and Langford, "A Contextual Bandit Bake-off", JMLR 2021): one pass over the
 * rows; each is decided by what was learned before it, the drawn action alone gets a reward, 1 when it is right.
 * @param order of the rows
 * @param seed of the draws
 * @returns the share of drawn actions that were wrong
 */
export function progressiveLoss(
  policy: LinearPolicy,
  dataset: Dataset,
  order: readonly number[],
  seed: string,
): number {
  const state = emptyPolicyState(policy.configuration);
  const features = new DecisionFeatures();
  const choice = new Choice();
  let wrong = 0;
  for (const [step, row] of order.entries()) {
    features.read(dataset.contexts[row] ?? {}, dataset.actions);
    policy.decide(state, features, undefined, choice);
    const decisionId = `${seed} ${step}`;
    const chosen = drawIndex(choice, uniformOf('action', decisionId));
    const isRight = chosen === dataset.right[row];
    if (!isRight) wrong += 1;
    const propensity = choice.probabilities[chosen] ?? 0;
    policy.learn(state, { features, decisionId, chosen, propensity, reward: isRight ? 1 : 0 });
  }
  return wrong / order.length;
}
