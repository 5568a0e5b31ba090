import { type Transaction, writeAudit } from '@rlaas/database';
import { updateStatus } from '../store/policy-versions.ts';
import { type StoredRollout, countStarts, findLastActive } from '../store/rollouts.ts';
import { endRolloutOf } from './end-rollout.ts';
import { findFormer } from './former.ts';
import { termsAnew } from './rollout-terms.ts';
import { storeStart } from './store-start.ts';

/**
 * After the rollback of what was active: the version before serves again, without a gate, and is watched beside the one
 * before it. Without one the explored baseline serves.
 * @param rolledBack as it was; its version has its new status already
 */
export async function bringBack(
  tx: Transaction,
  tenantId: string,
  rolledBack: StoredRollout,
  now: number,
): Promise<void> {
  const { policy: name, version } = rolledBack;
  const former = await findFormer(tx, tenantId, name, version, rolledBack.incumbent);
  if (!former) return;
  const reason = `version ${version} was rolled back`;
  // It may have been on its way to become active once more; it is now.
  const ending = { outcome: 'superseded', cause: 'brought_back', actor: null, reason, now } as const;
  await endRolloutOf(tx, tenantId, name, former.name, ending);
  await updateStatus(tx, tenantId, name, former.name, 'active');
  await writeAudit(
    tx,
    {
      tenantId,
      actor: 'rollout',
      action: 'rollout.brought_back',
      object: `${name}/${former.name}`,
      details: { rolled_back: version },
    },
    now,
  );
  const last = await findLastActive(tx, tenantId, name, former.name);
  const start = (await countStarts(tx, tenantId, name)) + 1;
  const { settings, specification, progress } = rolledBack;
  // What is usual is as it was for the one that was rolled back: looking for it among decisions would take a while, in
  // which that one would go on deciding.
  const terms = termsAnew(rolledBack.terms, settings, start, progress?.gate);
  const incumbent = last ?? null;
  await storeStart(
    tx,
    tenantId,
    {
      policy: name,
      version: former.name,
      incumbent,
      start,
      settings,
      specification,
      terms,
      stage: 'active',
      share: 1,
    },
    { cause: 'brought_back', actor: null, reason, now },
  );
}
