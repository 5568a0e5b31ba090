import { createLinearPolicy, emptyPolicyState, unsupported } from '@rlaas/learning';
import type { PolicyConfiguration, VersionConfiguration } from '@rlaas/schemas';

/** Enough for a score, whatever the version wants: a dry run must not take the memory of a whole model. */
const BITS = 8;
const TOLERANCE = 1e-9;

/**
 * Lets a version score one decision of its policy, with no features of the situation and nothing learned.
 * @returns why it cannot decide, as the end of a sentence that begins with the version; `undefined`: it can
 */
export function dryRun(version: VersionConfiguration, policy: PolicyConfiguration): string | undefined {
  const missing = unsupported(version);
  if (missing !== undefined) return `wants what this release cannot do: ${missing}`;
  const small = { ...version, learner: { ...version.learner, bits: BITS } };
  const linear = createLinearPolicy(small);
  const scores = linear.score(emptyPolicyState(small), {}, actionsOf(version, policy));
  const probabilities = linear.probabilities(scores);
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  if (probabilities.some((probability) => !(probability >= 0)) || !(Math.abs(sum - 1) <= TOLERANCE)) {
    return `gives no probabilities that sum to 1: ${probabilities.join(', ')}`;
  }
  return undefined;
}

/** The declared actions; else any two, which a version of fixed probabilities names itself. */
function actionsOf({ explorer }: VersionConfiguration, { actions }: PolicyConfiguration) {
  if (actions !== undefined && actions.length > 0) return actions;
  const ids = explorer.kind === 'fixed' ? Object.keys(explorer.probabilities) : ['one', 'another'];
  return ids.map((id) => ({ id }));
}
