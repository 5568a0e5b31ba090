import { type Database, type Transaction, writeAudit } from '@rlaas/database';
import {
  type CreateVersion,
  type Difference,
  type Policy,
  type PolicyVersion,
  type PutPolicy,
  differencesBetween,
  undeclaredActions,
} from '@rlaas/schemas';
import { findPolicy, insertPolicy, updatePolicy } from '../store/policies.ts';
import { findVersion, insertVersion, listVersionsIn } from '../store/policy-versions.ts';
import { type Expectation, entityTagOf, isAsExpected } from './entity-tag.ts';

/** What became of a policy's configuration. */
type PutOutcome =
  | { outcome: 'created' | 'changed' | 'unchanged'; policy: Policy }
  /** What is stored is not what the caller expected. */
  | { outcome: 'unexpected'; stored: Policy | undefined }
  /** Versions that may still decide give probabilities to actions that would be gone. */
  | { outcome: 'actions_in_use'; version: string; actions: string[] };

/** What became of a new version. */
type CreateVersionOutcome =
  | { outcome: 'created' | 'unchanged'; version: PolicyVersion }
  /** There is one of that name with another configuration. */
  | { outcome: 'other_configuration'; differences: Difference[] }
  | { outcome: 'actions_undeclared'; actions: string[] }
  | { outcome: 'no_policy' };

/** Writes policies and versions of one tenant; each change is in the audit log with who made it. */
export interface PolicyWriter {
  /** Makes a policy, or gives it another configuration; the same one changes nothing. */
  put(
    tenantId: string,
    actor: string,
    name: string,
    wanted: PutPolicy,
    expectation: Expectation,
  ): Promise<PutOutcome>;
  /** Makes a version in status `draft`. One of the same name and configuration changes nothing. */
  createVersion(
    tenantId: string,
    actor: string,
    policy: string,
    wanted: CreateVersion,
  ): Promise<CreateVersionOutcome>;
}

export function createPolicyWriter(options: { database: Database; now: () => number }): PolicyWriter {
  const { database, now } = options;
  const writing = (tenantId: string) => ({ role: 'rlaas_api' as const, tenants: [tenantId] });
  return {
    put: (tenantId, actor, name, wanted, expectation) =>
      database.transaction(writing(tenantId), async (tx) => {
        const at = now();
        const written = { tenantId, name, ...wanted };
        const audit = (action: string, details: Record<string, unknown>) =>
          writeAudit(tx, { tenantId, actor, action, object: name, details }, at);
        const expected = (policy: Policy | undefined) =>
          isAsExpected(expectation, policy && entityTagOf(policy));

        let before = await findPolicy(tx, tenantId, name, true);
        if (!before && expected(undefined)) {
          const policy = await insertPolicy(tx, written, at);
          if (policy) {
            await audit('policy.create', { source: wanted.source });
            return { outcome: 'created', policy };
          }
          // Somebody else made it between the two statements.
          before = await findPolicy(tx, tenantId, name, true);
        }
        if (!before || !expected(before)) return { outcome: 'unexpected', stored: before };
        const changed = differencesBetween(before.configuration, wanted.configuration);
        if (changed.length === 0) return { outcome: 'unchanged', policy: before };
        const inUse = await findActionsInUse(tx, tenantId, name, wanted);
        if (inUse) return { outcome: 'actions_in_use', ...inUse };
        const policy = await updatePolicy(tx, written, at);
        await audit('policy.change', { source: wanted.source, before: before.configuration });
        return { outcome: 'changed', policy };
      }),
    createVersion: (tenantId, actor, policy, wanted) =>
      database.transaction(writing(tenantId), async (tx) => {
        const at = now();
        // Locked: its actions must not change between the check and the insert.
        const of = await findPolicy(tx, tenantId, policy, true);
        if (!of) return { outcome: 'no_policy' };
        const existing = await findVersion(tx, tenantId, policy, wanted.name);
        if (existing) {
          const differences = differencesBetween(existing.configuration, wanted.configuration);
          return differences.length === 0
            ? { outcome: 'unchanged', version: existing }
            : { outcome: 'other_configuration', differences };
        }
        const undeclared = undeclaredActions(wanted.configuration, of.configuration);
        if (undeclared.length > 0) return { outcome: 'actions_undeclared', actions: undeclared };
        const version = await insertVersion(tx, { tenantId, policy, ...wanted }, at);
        if (!version) throw new Error(`version ${wanted.name} came into a policy that was locked`);
        const object = `${policy}/${wanted.name}`;
        const details = { source: wanted.source };
        await writeAudit(tx, { tenantId, actor, action: 'policy_version.create', object, details }, at);
        return { outcome: 'created', version };
      }),
  };
}

async function findActionsInUse(
  tx: Transaction,
  tenantId: string,
  policy: string,
  wanted: PutPolicy,
): Promise<{ version: string; actions: string[] } | undefined> {
  const open = await listVersionsIn(tx, tenantId, policy, ['draft', 'shadow', 'canary', 'active']);
  return open
    .map(({ name, configuration }) => ({
      version: name,
      actions: undeclaredActions(configuration, wanted.configuration),
    }))
    .find(({ actions }) => actions.length > 0);
}
