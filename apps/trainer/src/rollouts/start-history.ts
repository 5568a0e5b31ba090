import type { Transaction } from '@rlaas/database';
import { type RewardSpecification, parseDuration } from '@rlaas/schemas';
import { findLatestDecisions } from '../store/rollout-units.ts';
import { type ComparedDecision, compareVersions } from './compared-decision.ts';
import type { RolloutHistory } from './rollout-terms.ts';

/** Which versions a start is about, and by which specification. */
export interface StartOf {
  policy: string;
  candidate: string;
  /** null: the explored baseline. */
  incumbent: string | null;
  /** Whether the candidate is what serves, and is watched. */
  isActive: boolean;
  specification: { version: number; definition: RewardSpecification };
}

/** What is known of a policy before a start, and of which start. */
export interface StartHistory extends StartOf {
  history: RolloutHistory;
}

/** Latest decisions from which is learned what is usual; each may list a thousand actions. */
const LATEST = 2_500;
const MOST_REWARDS = 2_000;

/**
 * Reads what is usual. It takes a while, so it is read before anything is locked: what is locked cannot be rolled back.
 * @param now milliseconds since 1970
 */
export async function readStartHistory(
  tx: Transaction,
  tenantId: string,
  of: StartOf,
  now: number,
): Promise<StartHistory> {
  const { policy, candidate, incumbent, isActive, specification } = of;
  const { after, grace } = specification.definition.window;
  // Of later decisions only those rewards are known that come early.
  const until = now - (parseDuration(after) ?? 0) - (parseDuration(grace) ?? 0);
  const query = { tenantId, policy, specification: specification.version };
  const latest = await findLatestDecisions(tx, query, until, LATEST);
  // What is usual is told by what decided: the incumbent, or whatever did before a version came back.
  const usual = latest.filter(
    ({ data, imported }) =>
      !imported &&
      (isActive || data.policy_version === incumbent) &&
      data.mode !== 'degraded' &&
      data.mode !== 'baseline',
  );
  const compared = latest.flatMap(({ data, imported }): ComparedDecision[] => {
    if (imported) return [];
    const one = compareVersions(data, { candidate, incumbent });
    return typeof one === 'string' ? [] : [one];
  });
  return {
    ...of,
    history: {
      rewards: usual.flatMap(({ value }) => value ?? []).slice(0, MOST_REWARDS),
      compared: compared.slice(0, MOST_REWARDS),
    },
  };
}

/** Whether a history is of this start. */
export function isHistoryOf(known: StartHistory | undefined, of: StartOf): known is StartHistory {
  return (
    known !== undefined &&
    known.policy === of.policy &&
    known.candidate === of.candidate &&
    known.incumbent === of.incumbent &&
    known.isActive === of.isActive &&
    known.specification.version === of.specification.version
  );
}
