import { randomUUID } from 'node:crypto';
import type { Transaction } from '@rlaas/database';
import type { TransitionCause } from '@rlaas/schemas';
import { findPolicy } from '../store/policies.ts';
import { findVersion, listVersionsIn, updateStatus } from '../store/policy-versions.ts';
import type { StoredRollout } from '../store/rollouts.ts';
import { type StartGiven, beginStart, prepareStart } from './begin-start.ts';
import { findFormer } from './former.ts';
import { RolloutProgress, emptyProgress } from './rollout-progress.ts';
import type { StartHistory } from './start-history.ts';
import { storeStep } from './store-step.ts';

/** What a new start of a rollout will want to know, read before anything is locked. */
export async function prepareRestart(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  now: number,
): Promise<StartHistory | undefined> {
  const given = await givenOf(tx, tenantId, rollout);
  return given && prepareStart(tx, tenantId, given, now);
}

/**
 * Begins the test of a version anew, with an error budget of its own: against another incumbent, or by another reward
 * specification. A candidate goes back into shadow; what is active stays so, and is watched anew. The policy is locked.
 * @param known as `prepareRestart` gave it
 */
export async function restartRollout(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
  known: StartHistory | undefined,
  { cause, reason, now }: { cause: TransitionCause; reason: string; now: number },
): Promise<StoredRollout> {
  const { policy, version, stage } = rollout;
  const isActive = stage === 'active';
  const given = await givenOf(tx, tenantId, rollout);
  if (given?.incumbent?.name === version) {
    throw new Error(`rollout ${rollout.id} would test ${version} against itself`);
  }
  const start = given && (await beginStart(tx, tenantId, given, known, now));
  if (!start) throw new Error(`rollout ${rollout.id} cannot begin anew: its policy is gone`);
  const evidence = rollout.progress ? new RolloutProgress(rollout.terms, rollout.progress).evidence : null;
  if (stage === 'canary') await updateStatus(tx, tenantId, policy, version, 'shadow');
  return storeStep(
    tx,
    tenantId,
    rollout,
    {
      ...start,
      stage: isActive ? 'active' : 'shadow',
      share: isActive ? 1 : 0,
      // Gateways remember who decides for an episode, by this.
      salt: randomUUID(),
      startedAt: now,
      stageBeganAt: now,
      progress: emptyProgress(start.terms, now),
    },
    { cause, actor: null, reason, evidence, now },
  );
}

/** What a rollout is about now: a candidate and what serves, or what is active and what would come back. */
async function givenOf(
  tx: Transaction,
  tenantId: string,
  { policy: name, version, stage, incumbent }: StoredRollout,
): Promise<StartGiven | undefined> {
  const policy = await findPolicy(tx, tenantId, name);
  const candidate = policy && (await findVersion(tx, tenantId, name, version));
  if (!candidate) return undefined;
  const [serving] = await listVersionsIn(tx, tenantId, name, ['active']);
  const against = stage === 'active' ? await findFormer(tx, tenantId, name, version, incumbent) : serving;
  return { policy, candidate, incumbent: against };
}
