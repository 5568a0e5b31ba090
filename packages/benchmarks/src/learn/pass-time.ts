import {
  Choice,
  DecisionFeatures,
  createLinearPolicy,
  drawIndex,
  emptyPolicyState,
  uniformOf,
} from '@rlaas/learning';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { Dataset } from './dataset.ts';
import type { PassTime } from './learner-job.ts';
import { progressiveLoss } from './progressive.ts';

/** How long one pass over the rows takes: each is decided, an action is drawn, and its reward is learned. */
export function timePass(
  configuration: VersionConfiguration,
  dataset: Dataset,
  order: readonly number[],
): PassTime {
  const policy = createLinearPolicy(configuration);
  const wholeBegan = performance.now();
  progressiveLoss(policy, dataset, order, 'timed');
  const wholeSeconds = (performance.now() - wholeBegan) / 1_000;

  const read = order.map((row) => {
    const features = new DecisionFeatures();
    features.read(dataset.contexts[row] ?? {}, dataset.actions);
    return features;
  });
  const state = emptyPolicyState(configuration);
  const choice = new Choice();
  const workBegan = performance.now();
  for (const [step, row] of order.entries()) {
    const features = read[step];
    if (!features) continue;
    policy.decide(state, features, undefined, choice);
    const decisionId = `timed ${step}`;
    const chosen = drawIndex(choice, uniformOf('action', decisionId));
    const reward = chosen === dataset.right[row] ? 1 : 0;
    const propensity = choice.probabilities[chosen] ?? 0;
    policy.learn(state, { features, decisionId, chosen, propensity, reward });
  }
  return { wholeSeconds, workSeconds: (performance.now() - workBegan) / 1_000 };
}
