import { type Transaction, writeAudit } from '@rlaas/database';
import type { VersionStatus } from '@rlaas/schemas';
import { pinCheckpoints } from '../store/checkpoints.ts';
import { listVersionsIn, updateStatus } from '../store/policy-versions.ts';
import { type StoredRollout, findOpenOfPolicy } from '../store/rollouts.ts';
import { bringBack } from './bring-back.ts';
import { endRolloutOf } from './end-rollout.ts';
import { RolloutProgress, emptyProgress } from './rollout-progress.ts';
import { type Moving, storeStep } from './store-step.ts';

/** Where a rollout can be moved to. */
export type Destination =
  | { to: 'canary' | 'active'; share: number }
  | { to: 'rolled_back' | 'retired'; share: 0 };

/**
 * Moves a rollout, with the statuses of all versions that this concerns, in one transaction, which is short: gateways
 * hear of it when it ends. The policy is locked, so nobody else moves anything of it. Tests of other versions that have
 * another incumbent by that begin anew when they are looked at next.
 * @param rollout as it is stored now, locked
 */
export async function moveRollout(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  destination: Destination,
  moving: Moving,
): Promise<StoredRollout> {
  const { to, share } = destination;
  const { policy, version } = rollout;
  const setStatus = async (name: string, status: VersionStatus): Promise<void> => {
    await updateStatus(tx, tenantId, policy, name, status);
  };
  const [active] = await listVersionsIn(tx, tenantId, policy, ['active']);
  const isOpen = to === 'canary' || to === 'active';
  const superseded = to === 'active' && active && active.name !== version ? active.name : undefined;
  if (superseded !== undefined) {
    // It is watched no more, but stays loaded to come back.
    const reason = `version ${version} became active`;
    const ending = { ...moving, outcome: 'superseded', cause: 'superseded', reason } as const;
    await endRolloutOf(tx, tenantId, policy, superseded, ending);
  }
  const moved = await storeStep(
    tx,
    tenantId,
    rollout,
    isOpen
      ? { stage: to, share, stageBeganAt: moving.now, progress: withNewStep(rollout, moving.now) }
      : { stage: 'ended', share: 0, outcome: to, stageBeganAt: moving.now },
    moving,
  );
  if (superseded !== undefined) await setStatus(superseded, 'shadow');
  // A new test of a version that would come back may show nothing: it stays there to come back.
  const stays = moving.cause === 'inconclusive' && (await isWayBack(tx, tenantId, rollout));
  await setStatus(version, stays ? 'shadow' : to);
  const { first = null, last = null } = moving.evidence?.checkpoints ?? {};
  const named = [first, last].filter((number) => number !== null);
  if (named.length > 0) await pinCheckpoints(tx, { tenant_id: tenantId, policy, version }, named);
  if (to === 'rolled_back' && rollout.stage === 'active') {
    await bringBack(tx, tenantId, rollout, moving.now);
  }
  await writeAudit(
    tx,
    {
      tenantId,
      actor: moving.actor ?? 'rollout',
      action: `rollout.${to}`,
      object: `${policy}/${version}`,
      details: { rollout: rollout.id, revision: moved.revision, cause: moving.cause, reason: moving.reason },
    },
    moving.now,
  );
  return moved;
}

/** Whether what is active would give way to this version. */
async function isWayBack(
  tx: Transaction,
  tenantId: string,
  { policy, version }: StoredRollout,
): Promise<boolean> {
  const open = await findOpenOfPolicy(tx, tenantId, policy);
  return open.some(({ stage, incumbent }) => stage === 'active' && incumbent === version);
}

function withNewStep(rollout: StoredRollout, now: number): StoredRollout['progress'] {
  const progress = new RolloutProgress(
    rollout.terms,
    rollout.progress ?? emptyProgress(rollout.terms, rollout.startedAt),
  );
  progress.beginStep(now);
  return progress.state;
}
