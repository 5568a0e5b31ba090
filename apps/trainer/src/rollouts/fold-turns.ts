import type { Transaction } from '@rlaas/database';
import type { StoredRollout } from '../store/rollouts.ts';
import { findNextDecision, findTurns } from '../store/turns.ts';
import type { RolloutProgress } from './rollout-progress.ts';

/**
 * What fails at the same time fails for the same reason: a store that is away for a moment, a deployment. So failures
 * count by the share of a step of time, however many decisions that has.
 */
const STEP_MS = 10_000;
/** Steps of one look. */
const STEPS = 6;
/** How long gateways take to hand over what they decided. What takes longer is not looked at. */
const HANDING_OVER_MS = 5_000;

/**
 * Takes in whether the candidate could decide when it was to. That needs no reward, so a version that cannot is taken
 * back long before the window of its first decision has passed.
 * @param settled up to when everything that was received is stored, in milliseconds since 1970
 * @returns whether anything was looked at, and whether there may be more at once
 */
export async function foldTurns(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  progress: RolloutProgress,
  settled: number,
): Promise<{ looked: boolean; more: boolean }> {
  if (rollout.stage === 'shadow') return { looked: false, more: false };
  const { policy, version } = rollout;
  const from = progress.state.turns.until ?? rollout.stageBeganAt;
  const latest = settled - HANDING_OVER_MS;
  const steps = Math.min(Math.floor((latest - from) / STEP_MS), STEPS);
  if (steps < 1) return { looked: false, more: false };
  const until = from + steps * STEP_MS;
  const found = await findTurns(tx, { tenantId, policy, version }, { from, until, stepMs: STEP_MS });
  for (const { turns, failed } of found) progress.hadTurns(failed / turns);
  if (found.length > 0) {
    progress.passedTurns(until);
    return { looked: true, more: steps === STEPS };
  }
  // Nights without traffic are passed over, and nothing is written until something happens.
  const next = await findNextDecision(tx, { tenantId, policy }, from, latest);
  if (next === undefined) return { looked: false, more: false };
  progress.passedTurns(Math.max(next, until));
  return { looked: true, more: true };
}
