import type { Transaction } from '@rlaas/database';
import {
  type ConfigurationSource,
  type RewardSpecification,
  type StoredRewardSpecification,
  storedRewardSpecificationSchema,
} from '@rlaas/schemas';
import type { SpecificationKey } from '../specifications/specification-cache.ts';

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

/** One version of a policy's specification. */
export async function findSpecification(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: number,
): Promise<StoredRewardSpecification | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.reward_specs where tenant_id = $1 and policy = $2 and version = $3`,
    [tenantId, policy, version],
  );
  return rows[0] && toSpecification(rows[0]);
}

/** Versions of specifications, the newest first; of one policy, or the newest of each. */
export async function listSpecifications(
  tx: Transaction,
  tenantId: string,
  page: { policy: string | undefined; after: string | undefined; limit: number },
): Promise<StoredRewardSpecification[]> {
  const { rows } =
    page.policy === undefined
      ? await tx.query<Row>(
          `select distinct on (policy) ${COLUMNS} from rlaas.reward_specs
           where tenant_id = $1 and ($2::text is null or policy > $2) order by policy, version desc limit $3`,
          [tenantId, page.after, page.limit],
        )
      : await tx.query<Row>(
          `select ${COLUMNS} from rlaas.reward_specs
           where tenant_id = $1 and policy = $2 and ($3::int is null or version < $3)
           order by version desc limit $4`,
          [tenantId, page.policy, page.after, page.limit],
        );
  return rows.map(toSpecification);
}

/** When a version of a policy's specification was made. */
export interface VersionRow extends SpecificationKey {
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** All versions of all policies of tenants, the newest first. */
export async function findVersions(tx: Transaction, tenants: readonly string[]): Promise<VersionRow[]> {
  const { rows } = await tx.query<VersionRow>(
    `select tenant_id as "tenantId", policy, version, date_part('epoch', created_at) * 1000 as "createdAt"
     from rlaas.reward_specs where tenant_id = any ($1::uuid[]) order by version desc`,
    [tenants],
  );
  return rows;
}

/** Definitions as they are stored; what is there of them. */
export async function findDefinitions(
  tx: Transaction,
  keys: readonly SpecificationKey[],
): Promise<{ key: SpecificationKey; definition: unknown }[]> {
  const { rows } = await tx.query<SpecificationKey & { definition: unknown }>(
    `select s.tenant_id as "tenantId", s.policy, s.version, s.definition
     from unnest($1::uuid[], $2::text[], $3::int[]) as k (tenant_id, policy, version)
     join rlaas.reward_specs s
       on s.tenant_id = k.tenant_id and s.policy = k.policy and s.version = k.version`,
    [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ policy }) => policy),
      keys.map(({ version }) => version),
    ],
  );
  return rows.map(({ definition, ...key }) => ({ key, definition }));
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
