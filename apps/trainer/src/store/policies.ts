import type { Policy, PolicyVersion } from '@rlaas/schemas';
import { policySchema, policyVersionSchema } from '@rlaas/schemas';
import type { Transaction } from '@rlaas/database';

interface PolicyRow {
  name: string;
  configuration: unknown;
  source: string;
  created_at: Date;
  updated_at: Date;
}

interface VersionRow {
  policy: string;
  name: string;
  status: string;
  configuration: unknown;
  source: string;
  created_at: Date;
}

const POLICY = 'name, configuration, source, created_at, updated_at';
const VERSION = 'policy, name, status, configuration, source, created_at';

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

/** A policy of a tenant by its name. */
export async function findPolicy(
  tx: Transaction,
  tenantId: string,
  name: string,
): Promise<Policy | undefined> {
  const { rows } = await tx.query<PolicyRow>(
    `select ${POLICY} from rlaas.policies where tenant_id = $1 and name = $2`,
    [tenantId, name],
  );
  return rows[0] && toPolicy(rows[0]);
}

/** Versions of a policy by name, behind `after`. */
export async function listVersions(
  tx: Transaction,
  tenantId: string,
  policy: string,
  after: string,
  limit: number,
): Promise<PolicyVersion[]> {
  const { rows } = await tx.query<VersionRow>(
    `select ${VERSION} from rlaas.policy_versions
     where tenant_id = $1 and policy = $2 and name > $3 order by name limit $4`,
    [tenantId, policy, after, limit],
  );
  return rows.map(toVersion);
}

function toPolicy(row: PolicyRow): Policy {
  return policySchema.parse({
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  });
}

function toVersion(row: VersionRow): PolicyVersion {
  return policyVersionSchema.parse({ ...row, created_at: row.created_at.toISOString() });
}
