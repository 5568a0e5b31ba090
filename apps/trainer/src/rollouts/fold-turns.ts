import type { Transaction } from '@rlaas/database';
import type { StoredRollout } from '../store/rollouts.ts';
import { findTurns } from '../store/turns.ts';
import { FIRST_ID } from './cursor.ts';
import type { RolloutProgress } from './rollout-progress.ts';

/** Decisions of one look. */
const BATCH = 2_000;
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
  const after = progress.state.turns.cursor ?? { at: rollout.stageBeganAt - 1, id: FIRST_ID };
  const until = settled - HANDING_OVER_MS;
  const { turns, last, looked } = await findTurns(tx, { tenantId, policy, version }, after, until, BATCH);
  for (const { failed } of turns) progress.hadTurn(failed);
  if (last) progress.passedTurn(last.at, last.id);
  return { looked: looked > 0, more: looked === BATCH };
}
