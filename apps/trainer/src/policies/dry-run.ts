import { Choice, DecisionFeatures, createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import type { PolicyConfiguration, VersionConfiguration } from '@rlaas/schemas';

/** Enough for a score, whatever the version wants: a dry run must not take the memory of a whole model. */
const BITS = 8;
const TOLERANCE = 1e-9;
/** Of no decision that was made; some versions draw by it. */
const DECISION = '00000000-0000-7000-8000-000000000000';

/**
 * Lets a version score one decision of its policy, learn from it, and score it again; with no features of the situation.
 * @returns why it cannot decide, as the end of a sentence that begins with the version; `undefined`: it can
 */
export function dryRun(version: VersionConfiguration, policy: PolicyConfiguration): string | undefined {
  const small = { ...version, learner: { ...version.learner, bits: BITS } };
  const linear = createLinearPolicy(small);
  const state = emptyPolicyState(small);
  const features = new DecisionFeatures();
  features.read({}, actionsOf(version, policy));
  const choice = new Choice();
  for (const turn of ['first', 'second']) {
    linear.decide(state, features, undefined, choice);
    if (!isDistribution(choice.probabilities.subarray(0, choice.count))) {
      return `gives the actions no probabilities that sum to 1 at the ${turn} of two decisions`;
    }
    const propensity = 1 / features.actionCount;
    linear.learn(state, { features, decisionId: DECISION, chosen: 0, propensity, reward: 1 });
  }
  return undefined;
}

/** Whether these are probabilities that sum to 1; no number that is none is. */
export function isDistribution(probabilities: Float64Array): boolean {
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  return probabilities.every((probability) => probability >= 0) && Math.abs(sum - 1) <= TOLERANCE;
}

/** The declared actions; else any two, which a version of fixed probabilities names itself. */
function actionsOf({ explorer }: VersionConfiguration, { actions }: PolicyConfiguration) {
  if (actions !== undefined) return actions;
  const ids = explorer.kind === 'fixed' ? Object.keys(explorer.probabilities) : ['one', 'another'];
  return ids.map((id) => ({ id }));
}
