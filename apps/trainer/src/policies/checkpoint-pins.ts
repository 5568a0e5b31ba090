import { type Database, writeAudit } from '@rlaas/database';
import type { Checkpoint, PolicyVersion } from '@rlaas/schemas';
import { keepCheckpoint, listCheckpoints } from '../store/checkpoints.ts';
import { findPolicy } from '../store/policies.ts';
import { findVersion, updatePinned } from '../store/policy-versions.ts';

/** What became of holding a version to a checkpoint; `undefined`: there is no such version. */
type PinOutcome =
  | { outcome: 'done'; version: PolicyVersion }
  | { outcome: 'refused'; detail: string }
  | undefined;

/** Checkpoints of versions, and which of them a version decides by. */
export interface CheckpointPins {
  /** The newest first, those before `before`; `undefined`: there is no such version. */
  list: (
    tenantId: string,
    policy: string,
    version: string,
    page: { before: number | undefined; limit: number },
  ) => Promise<Checkpoint[] | undefined>;
  /**
   * Lets a version decide by one checkpoint, while it learns on; null: by the newest again. The checkpoint is kept from
   * then on.
   */
  pin: (
    tenantId: string,
    actor: string,
    policy: string,
    version: string,
    checkpoint: number | null,
  ) => Promise<PinOutcome>;
}

export function createCheckpointPins(options: { database: Database; now: () => number }): CheckpointPins {
  const { database, now } = options;
  return {
    list: (tenantId, policy, version, { before, limit }) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, async (tx) => {
        if (!(await findVersion(tx, tenantId, policy, version))) return undefined;
        return listCheckpoints(tx, { tenant_id: tenantId, policy, version }, before, limit);
      }),
    pin: (tenantId, actor, policy, name, checkpoint) =>
      database.transaction({ role: 'rlaas_worker', tenants: [tenantId] }, async (tx) => {
        // As whoever moves a version: its status stays what it is until this is done.
        await findPolicy(tx, tenantId, policy, true);
        const version = await findVersion(tx, tenantId, policy, name);
        if (!version) return undefined;
        const refused = (detail: string): PinOutcome => ({ outcome: 'refused', detail });
        if (version.status === 'retired' || version.status === 'rolled_back') {
          return refused(
            `Version "${name}" is ${version.status}: it decides no more, by whatever checkpoint.`,
          );
        }
        if (version.pinned_checkpoint === checkpoint) return { outcome: 'done', version };
        const key = { tenant_id: tenantId, policy, version: name };
        if (checkpoint !== null && !(await keepCheckpoint(tx, key, checkpoint))) {
          return refused(
            `Version "${name}" has no checkpoint ${checkpoint}, or it is no longer kept: "rlaas rollout checkpoints ${policy} ${name}" lists those that are.`,
          );
        }
        const pinned = await updatePinned(tx, tenantId, policy, name, checkpoint);
        const details = { from: version.pinned_checkpoint, to: checkpoint };
        const object = `${policy}/${name}`;
        await writeAudit(tx, { tenantId, actor, action: 'policy_version.pin', object, details }, now());
        return { outcome: 'done', version: pinned };
      }),
  };
}
