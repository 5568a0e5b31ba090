import type { Transaction } from '@rlaas/database';
import {
  type ConfigurationSource,
  type RewardSpecification,
  type StoredRewardSpecification,
  storedRewardSpecificationSchema,
} from '@rlaas/schemas';

interface Row {
  policy: string;
  version: number;
  definition: unknown;
  source: string;
  created_at: Date;
}

const COLUMNS = 'policy, version, definition, source, created_at';

/** Keeps everybody else from writing a specification of this policy until the transaction ends. */
export async function lockSpecifications(tx: Transaction, tenantId: string, policy: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7202612))', [`${tenantId}/${policy}`]);
}

/** The newest specification of a policy, which new decisions get. */
export async function findNewestSpecification(
  tx: Transaction,
  tenantId: string,
  policy: string,
): Promise<StoredRewardSpecification | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.reward_specs
     where tenant_id = $1 and policy = $2 order by version desc limit 1`,
    [tenantId, policy],
  );
  return rows[0] && toSpecification(rows[0]);
}

/** Stores a version of a specification. */
export async function insertSpecification(
  tx: Transaction,
  specification: {
    tenantId: string;
    policy: string;
    version: number;
    definition: RewardSpecification;
    source: ConfigurationSource;
  },
  now: number,
): Promise<StoredRewardSpecification> {
  const { tenantId, policy, version, definition, source } = specification;
  const { rows } = await tx.query<Row>(
    `insert into rlaas.reward_specs (tenant_id, policy, version, definition, source, created_at)
     values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
    [tenantId, policy, version, definition, source, new Date(now)],
  );
  const [row] = rows;
  if (!row) throw new Error(`the specification of ${policy} was not returned after it was stored`);
  return toSpecification(row);
}

function toSpecification(row: Row): StoredRewardSpecification {
  return storedRewardSpecificationSchema.parse({ ...row, created_at: row.created_at.toISOString() });
}
