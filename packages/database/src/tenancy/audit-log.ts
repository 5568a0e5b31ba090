import { newId } from '../ids.ts';
import type { Transaction } from '../transaction.ts';

export interface AuditEntry {
  /** null for what concerns no tenant. */
  tenantId: string | null;
  /** Who did it: `key:<id>`, `cli:<user of the machine>`, `service:<name>`. */
  actor: string;
  /** What was done, as `<noun>.<verb>`: `api_key.revoke`. */
  action: string;
  /** What it was done to: an id or a name. */
  object: string;
  details?: Record<string, unknown>;
}

/** Notes a change in the same transaction as the change itself. Secrets must not be among the details. */
export async function writeAudit(
  tx: Pick<Transaction, 'query'>,
  entry: AuditEntry,
  now: number,
): Promise<void> {
  await tx.query(
    'insert into rlaas.audit_log (id, tenant_id, at, actor, action, object, details) values ($1, $2, $3, $4, $5, $6, $7)',
    [newId(now), entry.tenantId, new Date(now), entry.actor, entry.action, entry.object, entry.details ?? {}],
  );
}
