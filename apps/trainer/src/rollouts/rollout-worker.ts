import { type Database, type Transaction, listAllTenants } from '@rlaas/database';
import { parseDuration } from '@rlaas/schemas';
import { findPolicy } from '../store/policies.ts';
import { findVersion, listVersionsIn } from '../store/policy-versions.ts';
import { findNewestSpecificationNumber } from '../store/reward-specifications.ts';
import { countDecisionsUntil } from '../store/rollout-units.ts';
import { type StoredRollout, findOpenRollouts, findRollout, updateProgress } from '../store/rollouts.ts';
import { foldUnits } from './fold-units.ts';
import { moveRollout, restart } from './move-rollout.ts';
import { type Move, type NextStep, nextStep } from './next-step.ts';
import { RolloutProgress, emptyProgress } from './rollout-progress.ts';

export interface RolloutWorkerOptions {
  database: Database;
  now: () => number;
  onMoved: (rollout: StoredRollout, move: Pick<Move, 'cause' | 'reason'>) => void;
  /** A rollout could not be looked at; the others go on. */
  onFailure: (rolloutId: string, error: unknown) => void;
}

/** Looks at every rollout that goes on, and moves those that are due. Any number of these may run beside each other. */
export function createRolloutWorker(options: RolloutWorkerOptions): { round: () => Promise<boolean> } {
  const { database, now, onMoved, onFailure } = options;
  const working = (tenantId: string) => ({
    role: 'rlaas_worker' as const,
    tenants: [tenantId],
    statementTimeoutMs: 30_000,
  });

  async function open(): Promise<{ tenantId: string; id: string }[]> {
    const tenants = (await listAllTenants(database))
      .filter((tenant) => tenant.closed_at === null)
      .map((tenant) => tenant.id);
    if (tenants.length === 0) return [];
    return database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, findOpenRollouts);
  }

  /** Takes new units in. @returns whether there are more, and whether the rollout is due to move */
  async function take(tenantId: string, id: string): Promise<{ more: boolean; due: boolean }> {
    return database.transaction(working(tenantId), async (tx) => {
      // Whoever looks at it now does the same; whoever moves it makes this look useless.
      const rollout = await findRollout(tx, tenantId, id, 'skip');
      if (!rollout || rollout.stage === 'ended') return { more: false, due: false };
      const progress = progressOf(rollout);
      const before = progress.until;
      const more = await foldUnits(tx, tenantId, rollout, progress, now());
      progress.look();
      if (progress.until !== before || rollout.progress === null) {
        await updateProgress(tx, tenantId, id, progress.state, now());
      }
      const due =
        (await isOutdated(tx, tenantId, rollout)) !== undefined || 'move' in stepOf(rollout, progress, now());
      return { more, due };
    });
  }

  /** Moves a rollout if it is still due once nobody else can move it. */
  async function move(tenantId: string, id: string): Promise<void> {
    const done = await database.transaction(working(tenantId), async (tx) => {
      const seen = await findRollout(tx, tenantId, id);
      if (!seen) return undefined;
      // First the policy, then the rollout: so does everybody, and nobody waits for each other.
      await findPolicy(tx, tenantId, seen.policy, true);
      const rollout = await findRollout(tx, tenantId, id, 'update');
      if (!rollout || rollout.stage === 'ended') return undefined;
      const outdated = await isOutdated(tx, tenantId, rollout);
      if (outdated) {
        await restart(tx, tenantId, rollout, { ...outdated, now: now() });
        return { rollout, move: outdated };
      }
      const progress = progressOf(rollout);
      const step = stepOf(rollout, progress, now());
      if (!('move' in step)) return undefined;
      const { to, share, cause, reason } = step.move;
      const evidence = await evidenceOf(tx, tenantId, rollout, progress);
      const destination = to === 'canary' || to === 'active' ? { to, share } : ({ to, share: 0 } as const);
      if (to === 'canary' && !(await isCanaryFree(tx, tenantId, rollout))) return undefined;
      const moved = await moveRollout(tx, tenantId, rollout, destination, {
        cause,
        actor: null,
        reason,
        evidence,
        now: now(),
      });
      return { rollout: moved, move: { cause, reason } };
    });
    if (done) onMoved(done.rollout, done.move);
  }

  return {
    async round() {
      let again = false;
      for (const { tenantId, id } of await open()) {
        try {
          const { more, due } = await take(tenantId, id);
          again ||= more;
          if (due) await move(tenantId, id);
        } catch (error) {
          onFailure(id, error);
        }
      }
      return again;
    },
  };
}

/** The tests of a rollout as they are stored. */
export function progressOf(rollout: StoredRollout): RolloutProgress {
  return new RolloutProgress(
    rollout.terms,
    rollout.progress ?? emptyProgress(rollout.terms, rollout.startedAt),
  );
}

/** What a rollout would do now. */
export function stepOf(rollout: StoredRollout, progress: RolloutProgress, now: number): NextStep {
  const { stage, settings, terms, share } = rollout;
  if (stage === 'ended') return { waitingFor: [] };
  return nextStep({
    stage,
    share,
    settings,
    fired: progress.look(),
    units: progress.units,
    effectiveUnits: progress.effectiveUnits,
    overlap: progress.overlap,
    candidateRewards: progress.candidateRewards,
    stageMs: now - rollout.stageBeganAt,
    dwellMs: parseDuration(settings.dwell) ?? 0,
    windowMs: terms.windowMs,
    explores: terms.explores,
    lowersExploration: terms.lowersExploration,
  });
}

/** The evidence of a rollout, with what came in too late to count. */
export async function evidenceOf(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  progress: RolloutProgress,
) {
  const { cursor, looked } = progress.state;
  if (cursor === null) return progress.evidence;
  const there = await countDecisionsUntil(
    tx,
    { tenantId, policy: rollout.policy },
    rollout.startedAt,
    cursor,
  );
  const { evidence } = progress;
  const late = Math.max(there - looked, 0);
  return late === 0 ? evidence : { ...evidence, uncounted: { ...evidence.uncounted, late } };
}

/** Whether no other version of the policy has a share of its traffic. */
export async function isCanaryFree(
  tx: Transaction,
  tenantId: string,
  { policy, version }: StoredRollout,
): Promise<boolean> {
  const canaries = await listVersionsIn(tx, tenantId, policy, ['canary']);
  return canaries.every(({ name }) => name === version);
}

/** Why a start cannot go on: what it compares with, or by, is no more. */
async function isOutdated(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
): Promise<{ cause: 'incumbent_changed' | 'specification_changed'; reason: string } | undefined> {
  // What is active stays watched as it was.
  if (rollout.stage === 'active') return undefined;
  const [active] = await listVersionsIn(tx, tenantId, rollout.policy, ['active']);
  if ((active?.name ?? null) !== rollout.incumbent) {
    return {
      cause: 'incumbent_changed',
      reason: active ? `version ${active.name} serves now` : 'no version is active any more',
    };
  }
  const newest = await findNewestSpecificationNumber(tx, tenantId, rollout.policy);
  if (newest !== undefined && newest !== rollout.specification) {
    return { cause: 'specification_changed', reason: `rewards are made by specification ${newest} now` };
  }
  const candidate = await findVersion(tx, tenantId, rollout.policy, rollout.version);
  if (!candidate) throw new Error(`version ${rollout.version} of ${rollout.policy} is gone`);
  return undefined;
}
