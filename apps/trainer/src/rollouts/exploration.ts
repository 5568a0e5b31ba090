import type { Policy, PolicyConfiguration, PolicyVersion, VersionConfiguration } from '@rlaas/schemas';

/**
 * What a version explores at least: the share of decisions that is spread over all actions, whatever it has learned.
 * Explorers that explore more while they know little promise nothing.
 */
function leastExploration({ explorer, minimum_probability: floor }: VersionConfiguration): number {
  if (explorer.kind === 'epsilon_greedy') return Math.max(floor, explorer.epsilon);
  if (explorer.kind !== 'fixed') return floor;
  const probabilities = Object.values(explorer.probabilities);
  return Math.max(floor, Math.min(...probabilities) * probabilities.length);
}

/** The same of what serves: the incumbent, or the explored baseline. */
function leastExplorationOf(
  incumbent: VersionConfiguration | undefined,
  policy: Pick<PolicyConfiguration, 'baseline_exploration'>,
): number {
  return incumbent ? leastExploration(incumbent) : policy.baseline_exploration;
}

/**
 * How much what serves explores at least, and whether a candidate explores less than that.
 * @param incumbent `undefined`: the explored baseline
 */
export function explorationOf(
  policy: Pick<Policy, 'configuration'>,
  candidate: Pick<PolicyVersion, 'configuration'>,
  incumbent: Pick<PolicyVersion, 'configuration'> | undefined,
): { least: number; explores: boolean; lowersExploration: boolean } {
  const least = leastExplorationOf(incumbent?.configuration, policy.configuration);
  return {
    least,
    explores: least > 0,
    lowersExploration: leastExploration(candidate.configuration) < least,
  };
}
