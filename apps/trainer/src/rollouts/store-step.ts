import type { Transaction } from '@rlaas/database';
import type { RolloutEvidence, TransitionCause } from '@rlaas/schemas';
import { insertTransition } from '../store/rollout-transitions.ts';
import { type StoredRollout, updateRollout } from '../store/rollouts.ts';

/** What moves a rollout, and who. */
export interface Moving {
  cause: TransitionCause;
  /** null: the tests. */
  actor: string | null;
  reason: string;
  evidence: RolloutEvidence | null;
  now: number;
}

/** Stores what a rollout becomes, with the row that says why. @returns it */
export async function storeStep(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  change: Partial<StoredRollout>,
  moving: Moving,
): Promise<StoredRollout> {
  const moved: StoredRollout = { ...rollout, ...change, revision: rollout.revision + 1 };
  await insertTransition(tx, tenantId, rollout.id, {
    number: moved.revision,
    at: moving.now,
    from: { stage: rollout.stage, share: rollout.share },
    to: { stage: moved.stage, share: moved.share },
    cause: moving.cause,
    actor: moving.actor,
    reason: moving.reason,
    evidence: moving.evidence,
  });
  await updateRollout(tx, tenantId, moved);
  return moved;
}
