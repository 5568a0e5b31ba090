import type { Database } from '@rlaas/database';
import type { KeepSubjectKey } from '../events/subject-keys.ts';

/** Keeps the sealed key of a tenant's subjects; the first one stays. */
export function createSubjectKeyStore(database: Database): KeepSubjectKey {
  return async (tenantId, sealed) => {
    const { rows } = await database.transaction(
      { role: 'rlaas_worker', tenants: [tenantId], idempotent: true },
      (tx) =>
        tx.query<{ key: Buffer | null }>('select rlaas.keep_subject_key($1, $2) as key', [tenantId, sealed]),
    );
    return rows[0]?.key ?? null;
  };
}
