import type { Transaction } from '@rlaas/database';
import { type StoredRollout, findOpenOfPolicy } from '../store/rollouts.ts';
import { RolloutProgress } from './rollout-progress.ts';
import { type Moving, storeStep } from './store-step.ts';

/**
 * Ends the rollout of a version, if one goes on, without touching the version's status. The policy is locked.
 * @returns the rollout as it was
 */
export async function endRolloutOf(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  ending: Pick<Moving, 'actor' | 'reason' | 'now'> & {
    outcome: 'retired' | 'superseded';
    cause: 'retired' | 'superseded' | 'brought_back';
  },
): Promise<StoredRollout | undefined> {
  const open = await findOpenOfPolicy(tx, tenantId, policy);
  const rollout = open.find((one) => one.version === version);
  if (!rollout) return undefined;
  const { outcome, ...moving } = ending;
  const evidence = rollout.progress ? new RolloutProgress(rollout.terms, rollout.progress).evidence : null;
  const ended = { stage: 'ended', share: 0, outcome, stageBeganAt: ending.now } as const;
  await storeStep(tx, tenantId, rollout, ended, { ...moving, evidence });
  return rollout;
}
