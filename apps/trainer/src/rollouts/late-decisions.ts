import type { Transaction } from '@rlaas/database';
import type { RolloutEvidence } from '@rlaas/schemas';
import { countDecisionsUntil } from '../store/rollout-units.ts';
import type { StoredRollout } from '../store/rollouts.ts';

/** Decisions that came in after their time had been looked at, of one start. */
export interface LateDecisions {
  startedAt: number;
  count: number;
}

/**
 * Counts what came in too late. It takes a while where there are many decisions, so it comes before anything is locked:
 * what is locked cannot be rolled back.
 * @param rollout as it is stored now
 */
export async function countLate(
  tx: Transaction,
  tenantId: string,
  { policy, startedAt, progress }: StoredRollout,
): Promise<LateDecisions> {
  if (!progress || progress.cursor === null) return { startedAt, count: 0 };
  const { cursor, looked } = progress;
  const there = await countDecisionsUntil(tx, { tenantId, policy }, startedAt, cursor);
  return { startedAt, count: Math.max((there ?? looked) - looked, 0) };
}

/** Evidence with what came in too late to count. @param late of another start it says nothing; `undefined`: not counted */
export function withLate(
  evidence: RolloutEvidence,
  { startedAt }: Pick<StoredRollout, 'startedAt'>,
  late: LateDecisions | undefined,
): RolloutEvidence {
  if (!late || late.count === 0 || late.startedAt !== startedAt) return evidence;
  return { ...evidence, uncounted: { ...evidence.uncounted, late: late.count } };
}
