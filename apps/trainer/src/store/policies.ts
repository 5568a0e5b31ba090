import {
  type ConfigurationSource,
  type Policy,
  type PolicyConfiguration,
  policySchema,
} from '@rlaas/schemas';
import type { Transaction } from '@rlaas/database';

interface PolicyRow {
  name: string;
  configuration: unknown;
  source: string;
  created_at: Date;
  updated_at: Date;
}

const POLICY = 'name, configuration, source, created_at, updated_at';

/** Policies of a tenant by name, behind `after`. */
export async function listPolicies(
  tx: Transaction,
  tenantId: string,
  after: string,
  limit: number,
): Promise<Policy[]> {
  const { rows } = await tx.query<PolicyRow>(
    `select ${POLICY} from rlaas.policies where tenant_id = $1 and name > $2 order by name limit $3`,
    [tenantId, after, limit],
  );
  return rows.map(toPolicy);
}

/** A policy of a tenant by its name; `lock` keeps others from changing it or its versions until the transaction ends. */
export async function findPolicy(
  tx: Transaction,
  tenantId: string,
  name: string,
  lock = false,
): Promise<Policy | undefined> {
  const { rows } = await tx.query<PolicyRow>(
    `select ${POLICY} from rlaas.policies where tenant_id = $1 and name = $2${lock ? ' for update' : ''}`,
    [tenantId, name],
  );
  return rows[0] && toPolicy(rows[0]);
}

/** What is written of a policy. */
export interface WrittenPolicy {
  tenantId: string;
  name: string;
  configuration: PolicyConfiguration;
  source: ConfigurationSource;
}

/** Stores a policy. @returns `undefined` when there is one of that name already */
export async function insertPolicy(
  tx: Transaction,
  policy: WrittenPolicy,
  now: number,
): Promise<Policy | undefined> {
  const { rows } = await tx.query<PolicyRow>(
    `insert into rlaas.policies (tenant_id, name, configuration, source, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $5) on conflict do nothing returning ${POLICY}`,
    [policy.tenantId, policy.name, policy.configuration, policy.source, new Date(now)],
  );
  return rows[0] && toPolicy(rows[0]);
}

/** Stores another configuration of a policy that is there. */
export async function updatePolicy(tx: Transaction, policy: WrittenPolicy, now: number): Promise<Policy> {
  const { rows } = await tx.query<PolicyRow>(
    `update rlaas.policies set configuration = $3, source = $4, updated_at = $5
     where tenant_id = $1 and name = $2 returning ${POLICY}`,
    [policy.tenantId, policy.name, policy.configuration, policy.source, new Date(now)],
  );
  const [row] = rows;
  if (!row) throw new Error(`policy ${policy.name} was not returned after it was stored`);
  return toPolicy(row);
}

function toPolicy(row: PolicyRow): Policy {
  return policySchema.parse({
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  });
}
