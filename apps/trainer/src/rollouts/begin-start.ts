import type { Transaction } from '@rlaas/database';
import type { Policy, PolicyVersion, RolloutSettings } from '@rlaas/schemas';
import { findNewestSpecification } from '../store/reward-specifications.ts';
import { countStarts } from '../store/rollouts.ts';
import { explorationOf } from './exploration.ts';
import { type RolloutTerms, termsOf } from './rollout-terms.ts';
import { type StartHistory, type StartOf, isHistoryOf, readStartHistory } from './start-history.ts';

/** What a start is made of, frozen from then on. */
export interface Start {
  incumbent: string | null;
  start: number;
  specification: number;
  settings: RolloutSettings;
  terms: RolloutTerms;
}

/** A version, and the one that it is tested against; `undefined`: the explored baseline. */
export interface StartGiven {
  policy: Policy;
  candidate: PolicyVersion;
  incumbent: PolicyVersion | undefined;
}

/**
 * Reads what a start will want to know, before the policy is locked for it.
 * @returns `undefined` when the policy has no reward specification
 */
export async function prepareStart(
  tx: Transaction,
  tenantId: string,
  given: StartGiven,
  now: number,
): Promise<StartHistory | undefined> {
  const of = await startOf(tx, tenantId, given);
  return of && readStartHistory(tx, tenantId, of, now);
}

/**
 * Begins a test of a version against another one: of a candidate against what serves, or of what is active against what
 * would come back.
 * @param known as `prepareStart` gave it; what has changed since is read anew
 * @returns `undefined` when the policy has no reward specification: there is nothing to compare then
 */
export async function beginStart(
  tx: Transaction,
  tenantId: string,
  given: StartGiven,
  known: StartHistory | undefined,
  now: number,
): Promise<Start | undefined> {
  const { policy, candidate, incumbent } = given;
  const of = await startOf(tx, tenantId, given);
  if (!of) return undefined;
  const { history } = isHistoryOf(known, of) ? known : await readStartHistory(tx, tenantId, of, now);
  const start = (await countStarts(tx, tenantId, policy.name)) + 1;
  const { explores, lowersExploration } = explorationOf(policy, candidate, incumbent);
  const settings = policy.configuration.rollout;
  return {
    incumbent: of.incumbent,
    start,
    specification: of.specification.version,
    settings,
    terms: termsOf({
      settings,
      specification: of.specification.definition,
      history,
      start,
      explores,
      lowersExploration,
    }),
  };
}

async function startOf(
  tx: Transaction,
  tenantId: string,
  { policy, candidate, incumbent }: StartGiven,
): Promise<StartOf | undefined> {
  const specification = await findNewestSpecification(tx, tenantId, policy.name);
  return (
    specification && {
      policy: policy.name,
      candidate: candidate.name,
      incumbent: incumbent?.name ?? null,
      isActive: candidate.status === 'active',
      specification,
    }
  );
}
