import { type Database, type Transaction, listAllTenants, readSettled } from '@rlaas/database';
import { parseDuration } from '@rlaas/schemas';
import { findPolicy } from '../store/policies.ts';
import { listVersionsIn } from '../store/policy-versions.ts';
import {
  type StoredRollout,
  findOpenRollouts,
  findRollout,
  lockLook,
  updateProgress,
} from '../store/rollouts.ts';
import { foldTurns } from './fold-turns.ts';
import { foldUnits } from './fold-units.ts';
import { countLate, withLate } from './late-decisions.ts';
import { moveRollout } from './move-rollout.ts';
import { type Move, type NextStep, nextStep } from './next-step.ts';
import { outdatedOf } from './outdated.ts';
import { prepareRestart, restartRollout } from './restart-rollout.ts';
import { RolloutProgress, emptyProgress } from './rollout-progress.ts';

export interface RolloutWorkerOptions {
  database: Database;
  now: () => number;
  onMoved: (rollout: StoredRollout, move: Pick<Move, 'cause' | 'reason'>) => void;
  /** A rollout could not be looked at; the others go on. */
  onFailure: (rolloutId: string, error: unknown) => void;
}

/** A rollout that could not be looked at is left alone for so long. */
const RETRY_MS = 5_000;

/** Looks at every rollout that goes on, and moves those that are due. Any number of these may run beside each other. */
export function createRolloutWorker(options: RolloutWorkerOptions): { round: () => Promise<boolean> } {
  const { database, now, onMoved, onFailure } = options;
  const retryAt = new Map<string, number>();
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
      // Whoever looks at it now does the same; whoever moves it meanwhile makes this look useless.
      if (!(await lockLook(tx, tenantId, id))) return { more: false, due: false };
      const rollout = await findRollout(tx, tenantId, id);
      if (!rollout || rollout.stage === 'ended') return { more: false, due: false };
      const progress = progressOf(rollout);
      const before = progress.state.cursor?.id;
      const settled = await readSettled(tx, now());
      const turns = await foldTurns(tx, tenantId, rollout, progress, settled);
      const moreUnits = await foldUnits(tx, tenantId, rollout, progress, settled);
      progress.look();
      if (turns.looked || progress.state.cursor?.id !== before || rollout.progress === null) {
        await updateProgress(tx, tenantId, rollout, progress.state, now());
      }
      const due =
        (await outdatedOf(tx, tenantId, rollout)) !== undefined || 'move' in stepOf(rollout, progress, now());
      return { more: turns.more || moreUnits, due };
    });
  }

  /** Moves a rollout if it is still due once nobody else can move it. */
  async function move(tenantId: string, id: string): Promise<void> {
    const done = await database.transaction(working(tenantId), async (tx) => {
      const seen = await findRollout(tx, tenantId, id);
      if (!seen || seen.stage === 'ended') return undefined;
      // What takes a while comes before the lock: whoever wants to take a version back must not wait.
      const isOutdated = (await outdatedOf(tx, tenantId, seen)) !== undefined;
      const known = isOutdated ? await prepareRestart(tx, tenantId, seen, now()) : undefined;
      const due = stepOf(seen, progressOf(seen), now());
      if (!isOutdated && (await isBlocked(tx, tenantId, seen, due))) return undefined;
      const goesOn = !isOutdated && 'move' in due && due.move.to !== 'rolled_back';
      const late = goesOn ? await countLate(tx, tenantId, seen) : undefined;
      // First the policy, then the rollout: so does everybody, and nobody waits for each other.
      await findPolicy(tx, tenantId, seen.policy, true);
      const rollout = await findRollout(tx, tenantId, id, 'update');
      if (!rollout || rollout.stage === 'ended') return undefined;
      const progress = progressOf(rollout);
      const step = stepOf(rollout, progress, now());
      // What has to be taken back is taken back, whatever else has changed.
      const isRollback = 'move' in step && step.move.to === 'rolled_back';
      const outdated = isRollback ? undefined : await outdatedOf(tx, tenantId, rollout);
      if (outdated) {
        const restarted = await restartRollout(tx, tenantId, rollout, known, { ...outdated, now: now() });
        return { rollout: restarted, move: outdated };
      }
      if (!('move' in step)) return undefined;
      if (await isBlocked(tx, tenantId, rollout, step)) return undefined;
      const { to, share, cause, reason } = step.move;
      const evidence = withLate(progress.evidence, rollout, late);
      const destination = to === 'canary' || to === 'active' ? { to, share } : ({ to, share: 0 } as const);
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
      const all = await open();
      const ids = new Set(all.map(({ id }) => id));
      for (const id of retryAt.keys()) if (!ids.has(id)) retryAt.delete(id);
      for (const { tenantId, id } of all) {
        if (now() < (retryAt.get(id) ?? 0)) continue;
        try {
          const { more, due } = await take(tenantId, id);
          again ||= more;
          if (due) await move(tenantId, id);
          retryAt.delete(id);
        } catch (error) {
          retryAt.set(id, now() + RETRY_MS);
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
    units: progress.unitsOfStep,
    effectiveUnits: progress.effectiveUnits,
    overlap: progress.overlap,
    candidateRewards: progress.candidateRewards,
    sinceCounted: progress.sinceCounted,
    stageMs: now - rollout.stageBeganAt,
    dwellMs: parseDuration(settings.dwell) ?? 0,
    windowMs: terms.windowMs,
    explores: terms.explores,
    lowersExploration: terms.lowersExploration,
  });
}

/** Whether the next step has to wait for another version of the policy. */
async function isBlocked(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  step: NextStep,
): Promise<boolean> {
  const isCanary = 'move' in step && step.move.to === 'canary';
  return isCanary && (await findOtherCanary(tx, tenantId, rollout)) !== undefined;
}

/** The other version of the policy that has a share of its traffic; `undefined`: none has. */
export async function findOtherCanary(
  tx: Transaction,
  tenantId: string,
  { policy, version }: StoredRollout,
): Promise<string | undefined> {
  const canaries = await listVersionsIn(tx, tenantId, policy, ['canary']);
  return canaries.find(({ name }) => name !== version)?.name;
}
