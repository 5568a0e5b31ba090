import type { Transaction } from '@rlaas/database';
import {
  type ConfigurationSource,
  type PolicyVersion,
  type VersionConfiguration,
  type VersionStatus,
  policyVersionSchema,
} from '@rlaas/schemas';

interface VersionRow {
  policy: string;
  name: string;
  status: string;
  configuration: unknown;
  source: string;
  created_at: Date;
  pinned_checkpoint: number | null;
}

const VERSION = 'policy, name, status, configuration, source, created_at, pinned_checkpoint';

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

/** All versions of a policy that have one of these statuses, by name. */
export async function listVersionsIn(
  tx: Transaction,
  tenantId: string,
  policy: string,
  statuses: readonly VersionStatus[],
): Promise<PolicyVersion[]> {
  const { rows } = await tx.query<VersionRow>(
    `select ${VERSION} from rlaas.policy_versions
     where tenant_id = $1 and policy = $2 and status = any ($3) order by name`,
    [tenantId, policy, statuses],
  );
  return rows.map(toVersion);
}

/** A version of a policy by its name. */
export async function findVersion(
  tx: Transaction,
  tenantId: string,
  policy: string,
  name: string,
): Promise<PolicyVersion | undefined> {
  const { rows } = await tx.query<VersionRow>(
    `select ${VERSION} from rlaas.policy_versions where tenant_id = $1 and policy = $2 and name = $3`,
    [tenantId, policy, name],
  );
  return rows[0] && toVersion(rows[0]);
}

/** Stores a version in status `draft`. @returns `undefined` when there is one of that name already */
export async function insertVersion(
  tx: Transaction,
  version: {
    tenantId: string;
    policy: string;
    name: string;
    configuration: VersionConfiguration;
    source: ConfigurationSource;
  },
  now: number,
): Promise<PolicyVersion | undefined> {
  const { rows } = await tx.query<VersionRow>(
    `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source, created_at)
     values ($1, $2, $3, 'draft', $4, $5, $6) on conflict do nothing returning ${VERSION}`,
    [version.tenantId, version.policy, version.name, version.configuration, version.source, new Date(now)],
  );
  return rows[0] && toVersion(rows[0]);
}

/** Gives a version another status. This, and the checkpoint that it is held to, are all of it that can change. */
export async function updateStatus(
  tx: Transaction,
  tenantId: string,
  policy: string,
  name: string,
  status: VersionStatus,
): Promise<PolicyVersion> {
  const { rows } = await tx.query<VersionRow>(
    `update rlaas.policy_versions set status = $4
     where tenant_id = $1 and policy = $2 and name = $3 returning ${VERSION}`,
    [tenantId, policy, name, status],
  );
  const [row] = rows;
  if (!row) throw new Error(`version ${name} was not returned after its status was stored`);
  return toVersion(row);
}

/** Holds a version to a checkpoint; null: to none. */
export async function updatePinned(
  tx: Transaction,
  tenantId: string,
  policy: string,
  name: string,
  checkpoint: number | null,
): Promise<PolicyVersion> {
  const { rows } = await tx.query<VersionRow>(
    `update rlaas.policy_versions set pinned_checkpoint = $4
     where tenant_id = $1 and policy = $2 and name = $3 returning ${VERSION}`,
    [tenantId, policy, name, checkpoint],
  );
  const [row] = rows;
  if (!row) throw new Error(`version ${name} was not returned after its checkpoint was stored`);
  return toVersion(row);
}

function toVersion(row: VersionRow): PolicyVersion {
  return policyVersionSchema.parse({ ...row, created_at: row.created_at.toISOString() });
}
