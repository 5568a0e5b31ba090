import { type Database, type Transaction, writeAudit } from '@rlaas/database';
import {
  type PutRewardSpecification,
  type RewardFinding,
  type StoredRewardSpecification,
  type ValidatedRewardSpecification,
  differencesBetween,
} from '@rlaas/schemas';
import {
  findNewestSpecification,
  findSpecification,
  insertSpecification,
  listSpecifications,
  lockSpecifications,
} from '../store/reward-specs.ts';
import { findSeenNames } from '../store/seen-names.ts';
import { compileSpecification } from './compile.ts';
import { unseenNames } from './known-names.ts';
import { validateDefinition } from './validate.ts';

/** What became of a specification. */
type PutOutcome =
  | { outcome: 'created' | 'unchanged'; specification: StoredRewardSpecification }
  /** It can make no rewards: nothing was stored. */
  | { outcome: 'refused'; mistakes: RewardFinding[] }
  /** The newest version is another one than the caller expected; 0: there is none. */
  | { outcome: 'unexpected'; newest: number };

/** How one tenant's rewards are made. A definition never changes: another one is the next version. */
export interface Specifications {
  /** A version, or the newest; `undefined`: there is none. */
  find: (
    tenantId: string,
    policy: string,
    version?: number,
  ) => Promise<StoredRewardSpecification | undefined>;
  /** Of a policy all versions, the newest first; else the newest of each policy. One more than `limit`. */
  list: (
    tenantId: string,
    page: { policy: string | undefined; after: string | undefined; limit: number },
  ) => Promise<StoredRewardSpecification[]>;
  /** Everything that is wrong with a definition, or may not be meant. */
  validate: (tenantId: string, definition: unknown) => Promise<ValidatedRewardSpecification>;
  /**
   * Makes the next version, when the definition is another one than that of the newest. The policy need not be there
   * yet: a specification that comes first misses no decision.
   * @param expected number of the newest version, 0 for none; `undefined`: any
   */
  put: (
    tenantId: string,
    actor: string,
    policy: string,
    wanted: PutRewardSpecification,
    expected: number | undefined,
  ) => Promise<PutOutcome>;
}

export function createSpecifications(options: { database: Database; now: () => number }): Specifications {
  const { database, now } = options;
  const reading = <T>(tenantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.transaction({ role: 'rlaas_api', tenants: [tenantId], readOnly: true }, work);
  return {
    find: (tenantId, policy, version) =>
      reading(tenantId, (tx) =>
        version === undefined
          ? findNewestSpecification(tx, tenantId, policy)
          : findSpecification(tx, tenantId, policy, version),
      ),
    list: (tenantId, page) => reading(tenantId, (tx) => listSpecifications(tx, tenantId, page)),
    validate: (tenantId, definition) =>
      reading(tenantId, async (tx) => validateDefinition(definition, await findSeenNames(tx, tenantId))),
    put: async (tenantId, actor, policy, wanted, expected) => {
      const compiled = compileSpecification(wanted.definition);
      if (!compiled.ok) return { outcome: 'refused', mistakes: compiled.mistakes };
      return database.transaction({ role: 'rlaas_api', tenants: [tenantId] }, async (tx) => {
        const at = now();
        await lockSpecifications(tx, tenantId, policy);
        const newest = await findNewestSpecification(tx, tenantId, policy);
        const number = newest?.version ?? 0;
        if (expected !== undefined && expected !== number) return { outcome: 'unexpected', newest: number };
        const warnings = [
          ...compiled.warnings,
          ...unseenNames(wanted.definition, await findSeenNames(tx, tenantId)),
        ];
        if (newest && differencesBetween(newest.definition, wanted.definition).length === 0) {
          return { outcome: 'unchanged', specification: { ...newest, warnings } };
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
        return { outcome: 'created', specification: { ...specification, warnings } };
      });
    },
  };
}
