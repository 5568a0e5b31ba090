import type { Transaction } from '@rlaas/database';
import type { Policy, PolicyVersion, RolloutSettings } from '@rlaas/schemas';
import { findNewestSpecification } from '../store/reward-specifications.ts';
import { findLatestDecisions } from '../store/rollout-units.ts';
import { countStarts } from '../store/rollouts.ts';
import { type ComparedDecision, compareVersions } from './compared-decision.ts';
import { leastExploration, leastExplorationOf } from './exploration.ts';
import { type RolloutTerms, termsOf } from './rollout-terms.ts';

/** What a start is made of, frozen from then on. */
export interface Start {
  incumbent: string | null;
  start: number;
  specification: number;
  settings: RolloutSettings;
  terms: RolloutTerms;
}

/** Latest decisions from which is learned what is usual; each may list a thousand actions. */
const LATEST = 2_500;
const MOST_REWARDS = 2_000;

/**
 * Begins a test of a candidate against what serves now.
 * @param active what serves; `undefined`: the explored baseline
 * @returns `undefined` when the policy has no reward specification: there is nothing to compare then
 */
export async function beginStart(
  tx: Transaction,
  tenantId: string,
  given: { policy: Policy; candidate: PolicyVersion; active: PolicyVersion | undefined },
  now: number,
): Promise<Start | undefined> {
  const { policy, candidate, active } = given;
  const newest = await findNewestSpecification(tx, tenantId, policy.name);
  if (!newest) return undefined;
  const start = (await countStarts(tx, tenantId, policy.name)) + 1;
  const incumbent = active?.name ?? null;
  const query = { tenantId, policy: policy.name, specification: newest.version };
  const latest = await findLatestDecisions(tx, query, now, LATEST);
  const ofIncumbent = latest.filter(
    ({ data, imported }) =>
      !imported && data.policy_version === incumbent && data.mode !== 'degraded' && data.mode !== 'baseline',
  );
  const compared = latest.flatMap(({ data, imported }): ComparedDecision[] => {
    if (imported) return [];
    const one = compareVersions(data, { candidate: candidate.name, incumbent });
    return typeof one === 'string' ? [] : [one];
  });
  const least = leastExplorationOf(active?.configuration, policy.configuration);
  const settings = policy.configuration.rollout;
  return {
    incumbent,
    start,
    specification: newest.version,
    settings,
    terms: termsOf({
      settings,
      specification: newest.definition,
      history: {
        rewards: ofIncumbent.flatMap(({ value }) => value ?? []).slice(0, MOST_REWARDS),
        compared: compared.slice(0, MOST_REWARDS),
      },
      start,
      explores: least > 0,
      lowersExploration: leastExploration(candidate.configuration) < least,
    }),
  };
}
