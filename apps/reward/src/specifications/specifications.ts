import { type Database, writeAudit } from '@rlaas/database';
import {
  type PutRewardSpecification,
  type StoredRewardSpecification,
  differencesBetween,
} from '@rlaas/schemas';
import { findNewestSpecification, insertSpecification, lockSpecifications } from '../store/reward-specs.ts';

/** What became of a specification. */
type PutOutcome =
  | { outcome: 'created' | 'unchanged'; specification: StoredRewardSpecification }
  /** The newest version is another one than the caller expected; 0: there is none. */
  | { outcome: 'unexpected'; newest: number };

/** How one tenant's rewards are made. A definition never changes: another one is the next version. */
export interface Specifications {
  /** The newest version; `undefined`: the policy has none. */
  find(tenantId: string, policy: string): Promise<StoredRewardSpecification | undefined>;
  /**
   * Makes the next version, when the definition is another one than that of the newest. The policy need not be there
   * yet: a specification that comes first misses no decision.
   * @param expected number of the newest version, 0 for none; `undefined`: any
   */
  put(
    tenantId: string,
    actor: string,
    policy: string,
    wanted: PutRewardSpecification,
    expected: number | undefined,
  ): Promise<PutOutcome>;
}

export function createSpecifications(options: { database: Database; now: () => number }): Specifications {
  const { database, now } = options;
  return {
    find: (tenantId, policy) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, (tx) =>
        findNewestSpecification(tx, tenantId, policy),
      ),
    put: (tenantId, actor, policy, wanted, expected) =>
      database.transaction({ role: 'rlaas_api', tenants: [tenantId] }, async (tx) => {
        const at = now();
        await lockSpecifications(tx, tenantId, policy);
        const newest = await findNewestSpecification(tx, tenantId, policy);
        const number = newest?.version ?? 0;
        if (expected !== undefined && expected !== number) return { outcome: 'unexpected', newest: number };
        if (newest && differencesBetween(newest.definition, wanted.definition).length === 0) {
          return { outcome: 'unchanged', specification: newest };
        }
        const specification = await insertSpecification(
          tx,
          { tenantId, policy, version: number + 1, ...wanted },
          at,
        );
        await writeAudit(
          tx,
          {
            tenantId,
            actor,
            action: 'reward_spec.create',
            object: `${policy}/${specification.version}`,
            details: { source: wanted.source },
          },
          at,
        );
        return { outcome: 'created', specification };
      }),
  };
}
