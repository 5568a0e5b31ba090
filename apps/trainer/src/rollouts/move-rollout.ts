import { type Transaction, writeAudit } from '@rlaas/database';
import type { RolloutEvidence, TransitionCause, VersionStatus } from '@rlaas/schemas';
import { pinCheckpoints } from '../store/checkpoints.ts';
import { findPolicy } from '../store/policies.ts';
import { findVersion, listVersionsIn, updateStatus } from '../store/policy-versions.ts';
import { insertTransition } from '../store/rollout-transitions.ts';
import { type StoredRollout, findOpenOfPolicy, updateRollout } from '../store/rollouts.ts';
import { beginStart } from './begin-start.ts';
import { RolloutProgress, emptyProgress } from './rollout-progress.ts';

/** What moves a rollout, and who. */
export interface Moving {
  cause: TransitionCause;
  /** null: the tests. */
  actor: string | null;
  reason: string;
  evidence: RolloutEvidence | null;
  now: number;
}

/** Where a rollout can be moved to. */
export type Destination =
  | { to: 'canary' | 'active'; share: number }
  | { to: 'rolled_back' | 'retired'; share: 0 };

/**
 * Moves a rollout, with the statuses of all versions that this concerns, in one transaction. The policy is locked, so
 * nobody else moves anything of it.
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
  if (to === 'active' && active && active.name !== version) await supersede(tx, tenantId, rollout, moving);
  const moved = await store(
    tx,
    tenantId,
    rollout,
    isOpen
      ? { stage: to, share, stageBeganAt: moving.now, progress: withNewStep(rollout, moving.now) }
      : { stage: 'ended', share: 0, outcome: to, stageBeganAt: moving.now },
    moving,
  );
  if (to === 'active' && active && active.name !== version) await setStatus(active.name, 'shadow');
  await setStatus(version, to);
  const { first = null, last = null } = moving.evidence?.checkpoints ?? {};
  const named = [first, last].filter((number) => number !== null);
  if (named.length > 0) await pinCheckpoints(tx, { tenant_id: tenantId, policy, version }, named);
  if (to === 'rolled_back' && rollout.stage === 'active') await bringBack(tx, tenantId, rollout);
  if (to === 'active' || rollout.stage === 'active') await restartOthers(tx, tenantId, policy, moving.now);
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

/** Ends the rollout of a version that is retired, if one goes on. The policy is locked, and the status is not touched. */
export async function endRolloutOf(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  moving: Pick<Moving, 'actor' | 'reason' | 'now'>,
): Promise<void> {
  for (const rollout of await findOpenOfPolicy(tx, tenantId, policy)) {
    if (rollout.version !== version) continue;
    await store(
      tx,
      tenantId,
      rollout,
      { stage: 'ended', share: 0, outcome: 'retired', stageBeganAt: moving.now },
      {
        ...moving,
        cause: 'retired',
        evidence: rollout.progress ? new RolloutProgress(rollout.terms, rollout.progress).evidence : null,
      },
    );
  }
}

/** The one before gives way, and its rollout ends: it is watched no more, but stays loaded to come back. */
async function supersede(
  tx: Transaction,
  tenantId: string,
  by: StoredRollout,
  moving: Moving,
): Promise<void> {
  const open = await findOpenOfPolicy(tx, tenantId, by.policy);
  for (const other of open) {
    if (other.stage !== 'active') continue;
    await store(
      tx,
      tenantId,
      other,
      { stage: 'ended', share: 0, outcome: 'superseded', stageBeganAt: moving.now },
      { ...moving, cause: 'superseded', reason: `version ${by.version} became active`, evidence: null },
    );
  }
}

/** After a rollback of what was active: the incumbent serves again, without a gate, if it is still there. */
async function bringBack(tx: Transaction, tenantId: string, rollout: StoredRollout): Promise<void> {
  if (rollout.incumbent === null) return;
  const former = await findVersion(tx, tenantId, rollout.policy, rollout.incumbent);
  if (former?.status === 'shadow') await updateStatus(tx, tenantId, rollout.policy, former.name, 'active');
}

/** Tests against a version that serves no more say nothing: they begin anew, against what serves now. */
async function restartOthers(tx: Transaction, tenantId: string, policy: string, now: number): Promise<void> {
  const [active] = await listVersionsIn(tx, tenantId, policy, ['active']);
  for (const other of await findOpenOfPolicy(tx, tenantId, policy)) {
    if (other.stage === 'active' || other.incumbent === (active?.name ?? null)) continue;
    await restart(tx, tenantId, other, {
      cause: 'incumbent_changed',
      reason: active ? `version ${active.name} serves now` : 'no version is active any more',
      now,
    });
  }
}

/**
 * Begins the test of a candidate anew, in shadow, with an error budget of its own: against another incumbent, or by
 * another reward specification.
 */
export async function restart(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  { cause, reason, now }: { cause: TransitionCause; reason: string; now: number },
): Promise<void> {
  const policy = await findPolicy(tx, tenantId, rollout.policy, true);
  const candidate = await findVersion(tx, tenantId, rollout.policy, rollout.version);
  const [active] = await listVersionsIn(tx, tenantId, rollout.policy, ['active']);
  const start = policy && candidate && (await beginStart(tx, tenantId, { policy, candidate, active }, now));
  if (!start) throw new Error(`rollout ${rollout.id} cannot begin anew: its policy is gone`);
  const evidence = rollout.progress ? new RolloutProgress(rollout.terms, rollout.progress).evidence : null;
  if (rollout.stage === 'canary') await updateStatus(tx, tenantId, rollout.policy, rollout.version, 'shadow');
  await store(
    tx,
    tenantId,
    rollout,
    {
      ...start,
      stage: 'shadow',
      share: 0,
      startedAt: now,
      stageBeganAt: now,
      progress: emptyProgress(start.terms, now),
    },
    { cause, actor: null, reason, evidence, now },
  );
}

async function store(
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

function withNewStep(rollout: StoredRollout, now: number): StoredRollout['progress'] {
  const progress = new RolloutProgress(
    rollout.terms,
    rollout.progress ?? emptyProgress(rollout.terms, rollout.startedAt),
  );
  progress.beginStep(now);
  return progress.state;
}
