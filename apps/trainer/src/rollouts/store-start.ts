import { randomUUID } from 'node:crypto';
import { type Transaction, newId } from '@rlaas/database';
import { insertTransition } from '../store/rollout-transitions.ts';
import { type StoredRollout, insertRollout } from '../store/rollouts.ts';
import type { Start } from './begin-start.ts';
import { emptyProgress } from './rollout-progress.ts';
import type { Moving } from './store-step.ts';

/** Stores a rollout that begins, with the row that says why. @returns it */
export async function storeStart(
  tx: Transaction,
  tenantId: string,
  started: Start & Pick<StoredRollout, 'policy' | 'version' | 'stage' | 'share'>,
  { cause, actor, reason, now }: Omit<Moving, 'evidence' | 'reason'> & { reason: string | null },
): Promise<StoredRollout> {
  const rollout: StoredRollout = {
    ...started,
    id: newId(now),
    outcome: null,
    revision: 1,
    salt: randomUUID(),
    startedAt: now,
    stageBeganAt: now,
    lookedAt: null,
    progress: emptyProgress(started.terms, now),
  };
  await insertRollout(tx, tenantId, rollout);
  await insertTransition(tx, tenantId, rollout.id, {
    number: rollout.revision,
    at: now,
    from: null,
    to: { stage: rollout.stage, share: rollout.share },
    cause,
    actor,
    reason,
    evidence: null,
  });
  return rollout;
}
