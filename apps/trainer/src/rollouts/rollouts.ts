import { type Database, type Transaction, writeAudit } from '@rlaas/database';
import { BASELINE_VERSION, MOST_SHADOWS, type Rollout, type RolloutDetails } from '@rlaas/schemas';
import { dryRun } from '../policies/dry-run.ts';
import { findPolicy } from '../store/policies.ts';
import { findVersion, listVersionsIn, updateStatus } from '../store/policy-versions.ts';
import { listTransitions } from '../store/rollout-transitions.ts';
import {
  type StoredRollout,
  findLeastNeeded,
  findOpenOfPolicy,
  findRollout,
  listRollouts,
} from '../store/rollouts.ts';
import { beginStart, prepareStart } from './begin-start.ts';
import { findFormer } from './former.ts';
import { type LateDecisions, countLate, withLate } from './late-decisions.ts';
import { moveRollout } from './move-rollout.ts';
import { stepAfter } from './next-step.ts';
import { outdatedOf } from './outdated.ts';
import { findOtherCanary, progressOf, stepOf } from './rollout-worker.ts';
import { storeStart } from './store-start.ts';
import type { Moving } from './store-step.ts';

/** What became of a wish about a rollout. */
export type RolloutOutcome =
  | { outcome: 'done'; rollout: RolloutDetails }
  /** It cannot be, or somebody else moved it meanwhile. */
  | { outcome: 'refused'; detail: string }
  | { outcome: 'not_found'; detail?: string };

/** Rollouts of one tenant, as people and programs ask for them. Each change is in the audit log. */
export interface Rollouts {
  /** Begins to test a version that is a draft or in shadow. */
  start: (tenantId: string, actor: string, policy: string, version: string) => Promise<RolloutOutcome>;
  find: (tenantId: string, id: string) => Promise<RolloutDetails | undefined>;
  /** One more than `limit`, the newest first. */
  list: (
    tenantId: string,
    filter: { policy: string | undefined; open: boolean | undefined },
    page: { after: string | undefined; limit: number },
  ) => Promise<Rollout[]>;
  /** Takes the next step now, when the gate has passed. */
  advance: (tenantId: string, actor: string, id: string, revision: number) => Promise<RolloutOutcome>;
  /** Takes the next step because a person says so. */
  approve: (
    tenantId: string,
    actor: string,
    id: string,
    asked: { revision: number; reason: string },
  ) => Promise<RolloutOutcome>;
  /** Takes all traffic away, for ever. */
  rollBack: (
    tenantId: string,
    actor: string,
    id: string,
    asked: { revision?: number | undefined; reason: string },
  ) => Promise<RolloutOutcome>;
}

export function createRollouts({ database, now }: { database: Database; now: () => number }): Rollouts {
  const writing = (tenantId: string) => ({ role: 'rlaas_worker' as const, tenants: [tenantId] });
  const reading = (tenantId: string) => ({ role: 'rlaas_api' as const, tenants: [tenantId], readOnly: true });

  async function detailsOf(
    tx: Transaction,
    tenantId: string,
    rollout: StoredRollout,
  ): Promise<RolloutDetails> {
    const transitions = await listTransitions(tx, tenantId, rollout.id);
    return { ...shown(rollout, now()), transitions };
  }

  /**
   * Does something with a rollout that nobody else can move meanwhile.
   * @param prepare what takes a while, and comes before the lock
   */
  function change<Prepared>(
    tenantId: string,
    id: string,
    revision: number | undefined,
    prepare: (tx: Transaction, tenantId: string, rollout: StoredRollout) => Promise<Prepared>,
    work: (
      tx: Transaction,
      rollout: StoredRollout,
      prepared: Prepared,
    ) => Promise<StoredRollout | { refused: string }>,
  ): Promise<RolloutOutcome> {
    return database.transaction(writing(tenantId), async (tx) => {
      const seen = await findRollout(tx, tenantId, id);
      if (!seen) return { outcome: 'not_found' };
      const prepared = await prepare(tx, tenantId, seen);
      await findPolicy(tx, tenantId, seen.policy, true);
      const rollout = await findRollout(tx, tenantId, id, 'update');
      if (!rollout) return { outcome: 'not_found' };
      const refused = (detail: string): RolloutOutcome => ({ outcome: 'refused', detail });
      if (rollout.stage === 'ended') {
        return refused(
          `It has ended: ${rollout.outcome}. To try again, make a version with another name and start it.`,
        );
      }
      if (revision !== undefined && rollout.revision !== revision) {
        return refused(
          `It was moved meanwhile: it is at revision ${rollout.revision} (${rollout.stage}, share ${rollout.share}), not ${revision}. Look again before you decide.`,
        );
      }
      const done = await work(tx, rollout, prepared);
      if ('refused' in done) return refused(done.refused);
      return { outcome: 'done', rollout: await detailsOf(tx, tenantId, done) };
    });
  }

  async function toNext(
    tx: Transaction,
    tenantId: string,
    rollout: StoredRollout,
    late: LateDecisions,
    moving: Omit<Moving, 'evidence' | 'now'>,
  ): Promise<StoredRollout | { refused: string }> {
    if (rollout.stage === 'active') return { refused: 'It is active already; there is no next step.' };
    const outdated = await outdatedOf(tx, tenantId, rollout);
    if (outdated) {
      return { refused: `It is about to begin anew: ${outdated.reason}. Look again before you decide.` };
    }
    const step = stepAfter(rollout);
    const other = step.to === 'canary' ? await findOtherCanary(tx, tenantId, rollout) : undefined;
    if (other !== undefined) {
      return { refused: `Version "${other}" of the policy has a share of the traffic: one at a time.` };
    }
    const evidence = withLate(progressOf(rollout).evidence, rollout, late);
    return moveRollout(tx, tenantId, rollout, step, { ...moving, evidence, now: now() });
  }

  return {
    start: (tenantId, actor, policy, version) =>
      database.transaction(writing(tenantId), (tx) =>
        startRollout(tx, { tenantId, actor, policy, version }, now()),
      ),
    find: (tenantId, id) =>
      database.transaction(reading(tenantId), async (tx) => {
        const rollout = await findRollout(tx, tenantId, id);
        return rollout && detailsOf(tx, tenantId, rollout);
      }),
    list: (tenantId, filter, page) =>
      database.transaction(reading(tenantId), async (tx) =>
        (await listRollouts(tx, tenantId, filter, page)).map((rollout) => shown(rollout, now())),
      ),
    advance: (tenantId, actor, id, revision) =>
      change(tenantId, id, revision, countLate, async (tx, rollout, late) => {
        const step = stepOf(rollout, progressOf(rollout), now());
        if ('waitingFor' in step) {
          return { refused: waitingText(step.waitingFor) };
        }
        const { to, share, cause, reason } = step.move;
        if (to === 'rolled_back' || to === 'retired') {
          const { evidence } = progressOf(rollout);
          const moving = { cause, actor, reason, evidence, now: now() };
          return moveRollout(tx, tenantId, rollout, { to, share: 0 }, moving);
        }
        return share === stepAfter(rollout).share
          ? toNext(tx, tenantId, rollout, late, { cause, actor, reason })
          : { refused: 'The next step is another one.' };
      }),
    approve: (tenantId, actor, id, { revision, reason }) =>
      change(tenantId, id, revision, countLate, (tx, rollout, late) =>
        toNext(tx, tenantId, rollout, late, { cause: 'approval', actor, reason }),
      ),
    rollBack: (tenantId, actor, id, { revision, reason }) =>
      // Nothing that takes a while: it must be possible to stop.
      change(
        tenantId,
        id,
        revision,
        async () => undefined,
        async (tx, rollout) => {
          const { evidence } = progressOf(rollout);
          const moving = { cause: 'manual_rollback', actor, reason, evidence, now: now() } as const;
          return moveRollout(tx, tenantId, rollout, { to: 'rolled_back', share: 0 }, moving);
        },
      ),
  };
}

async function startRollout(
  tx: Transaction,
  {
    tenantId,
    actor,
    policy: name,
    version,
  }: { tenantId: string; actor: string; policy: string; version: string },
  now: number,
): Promise<RolloutOutcome> {
  // What takes a while comes before the lock: whoever wants to take a version back must not wait.
  const seen = {
    policy: await findPolicy(tx, tenantId, name),
    candidate: await findVersion(tx, tenantId, name, version),
    incumbent: (await listVersionsIn(tx, tenantId, name, ['active']))[0],
  };
  if (!seen.policy) return { outcome: 'not_found', detail: `There is no policy "${name}".` };
  if (!seen.candidate) {
    return { outcome: 'not_found', detail: `Policy "${name}" has no version "${version}".` };
  }
  const known = await prepareStart(
    tx,
    tenantId,
    { policy: seen.policy, candidate: seen.candidate, incumbent: seen.incumbent },
    now,
  );
  const policy = await findPolicy(tx, tenantId, name, true);
  const candidate = policy && (await findVersion(tx, tenantId, name, version));
  if (!candidate) return { outcome: 'not_found' };
  const refused = (detail: string): RolloutOutcome => ({ outcome: 'refused', detail });
  if (candidate.status !== 'draft' && candidate.status !== 'shadow') {
    return refused(
      `Version "${version}" is ${candidate.status}; a rollout begins with a draft or a version in shadow.${candidate.status === 'rolled_back' || candidate.status === 'retired' ? ' To try again, make a version with another name.' : ''}`,
    );
  }
  const open = await findOpenOfPolicy(tx, tenantId, name);
  if (open.some((rollout) => rollout.version === version)) {
    return refused(
      `Version "${version}" has a rollout that goes on: see "rlaas rollout show ${name} ${version}".`,
    );
  }
  let leaving: string | undefined;
  if (candidate.status === 'draft') {
    const shadows = await listVersionsIn(tx, tenantId, name, ['shadow', 'canary']);
    if (shadows.length >= MOST_SHADOWS) {
      const watched = open.find(({ stage }) => stage === 'active');
      const wayBack = watched && (await findFormer(tx, tenantId, name, watched.version, watched.incumbent));
      leaving = await findLeastNeeded(tx, tenantId, name, wayBack?.name);
    }
    if (shadows.length >= MOST_SHADOWS && leaving === undefined) {
      const names = shadows.map((shadow) => `"${shadow.name}"`).join(', ');
      return refused(
        `${names} are scored beside what serves, and at most ${MOST_SHADOWS} may be: retire one of them first.`,
      );
    }
    const problem = dryRun(candidate.configuration, policy.configuration);
    if (problem !== undefined) return refused(`Version "${version}" ${problem}.`);
  }
  const [active] = await listVersionsIn(tx, tenantId, name, ['active']);
  const start = await beginStart(tx, tenantId, { policy, candidate, incumbent: active }, known, now);
  if (!start) {
    return refused(
      `Policy "${name}" has no reward specification, so nothing can be compared: save one first.`,
    );
  }
  if (leaving !== undefined) await retire(tx, { tenantId, actor, policy: name, version: leaving }, now);
  const reason =
    leaving === undefined
      ? null
      : `version ${leaving} was retired: at most ${MOST_SHADOWS} are scored beside what serves, and of those that stay to come back it was active longest ago`;
  const rollout = await storeStart(
    tx,
    tenantId,
    { ...start, policy: name, version, stage: 'shadow', share: 0 },
    { cause: 'start', actor, reason, now },
  );
  if (candidate.status === 'draft') await updateStatus(tx, tenantId, name, version, 'shadow');
  const object = `${name}/${version}`;
  await writeAudit(
    tx,
    { tenantId, actor, action: 'rollout.start', object, details: { rollout: rollout.id } },
    now,
  );
  const transitions = await listTransitions(tx, tenantId, rollout.id);
  return { outcome: 'done', rollout: { ...shown(rollout, now), transitions } };
}

/** Takes away a version that has no rollout. */
async function retire(
  tx: Transaction,
  { tenantId, actor, policy, version }: { tenantId: string; actor: string; policy: string; version: string },
  now: number,
): Promise<void> {
  await updateStatus(tx, tenantId, policy, version, 'retired');
  const details = { from: 'shadow', to: 'retired', because: 'a rollout needed its place' };
  const object = `${policy}/${version}`;
  await writeAudit(tx, { tenantId, actor, action: 'policy_version.retire', object, details }, now);
}

function shown(rollout: StoredRollout, now: number): Rollout {
  const progress = progressOf(rollout);
  const step = stepOf(rollout, progress, now);
  return {
    id: rollout.id,
    policy: rollout.policy,
    version: rollout.version,
    incumbent: rollout.incumbent ?? BASELINE_VERSION,
    stage: rollout.stage,
    share: rollout.share,
    outcome: rollout.outcome,
    revision: rollout.revision,
    start: rollout.start,
    alpha: rollout.terms.gate.alpha,
    specification: rollout.specification,
    settings: rollout.settings,
    started_at: new Date(rollout.startedAt).toISOString(),
    stage_began_at: new Date(rollout.stageBeganAt).toISOString(),
    looked_at: rollout.lookedAt === null ? null : new Date(rollout.lookedAt).toISOString(),
    waiting_for: 'waitingFor' in step ? [...step.waitingFor] : [],
    evidence: progress.evidence,
  };
}

function waitingText(waitingFor: readonly { message: string }[]): string {
  if (waitingFor.length === 0) return 'There is no next step.';
  const list = waitingFor.map(({ message }) => message).join('; ');
  return `It cannot go on yet: ${list}.`;
}
