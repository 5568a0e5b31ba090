import type { Transaction } from '@rlaas/database';
import type { VersionKey } from './version-key.ts';

/** Which of these decisions the version has learned from, asked at once: one by one Postgres may read the log for each. */
export async function findLearnedAmong(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  decisionIds: readonly string[],
): Promise<Set<string>> {
  if (decisionIds.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    `select decision_id as id from rlaas.training_log
     where tenant_id = $1 and policy = $2 and version = $3 and decision_id = any ($4::uuid[])`,
    [tenantId, policy, version, decisionIds],
  );
  return new Set(rows.map(({ id }) => id));
}
