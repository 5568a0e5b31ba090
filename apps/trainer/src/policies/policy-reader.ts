import type { Database } from '@rlaas/database';
import type { Policy, PolicyVersion } from '@rlaas/schemas';
import { findPolicy, listPolicies } from '../store/policies.ts';
import { findVersion, listVersions } from '../store/policy-versions.ts';

/** Reads the policies of one tenant. */
export interface PolicyReader {
  /** By name, behind `after`. */
  list(tenantId: string, after: string, limit: number): Promise<Policy[]>;
  find(tenantId: string, name: string): Promise<Policy | undefined>;
  /** By name, behind `after`; `undefined`: the tenant has no such policy. */
  versions(
    tenantId: string,
    policy: string,
    after: string,
    limit: number,
  ): Promise<PolicyVersion[] | undefined>;
  /** `undefined`: the tenant has no such policy, or it has no such version. */
  version(tenantId: string, policy: string, name: string): Promise<PolicyVersion | undefined>;
}

export function createPolicyReader(database: Database): PolicyReader {
  const reading = (tenantId: string) => ({ role: 'rlaas_api' as const, tenants: [tenantId], readOnly: true });
  return {
    list: (tenantId, after, limit) =>
      database.transaction(reading(tenantId), (tx) => listPolicies(tx, tenantId, after, limit)),
    find: (tenantId, name) => database.transaction(reading(tenantId), (tx) => findPolicy(tx, tenantId, name)),
    versions: (tenantId, policy, after, limit) =>
      database.transaction(reading(tenantId), async (tx) => {
        if (!(await findPolicy(tx, tenantId, policy))) return undefined;
        return listVersions(tx, tenantId, policy, after, limit);
      }),
    version: (tenantId, policy, name) =>
      database.transaction(reading(tenantId), (tx) => findVersion(tx, tenantId, policy, name)),
  };
}
