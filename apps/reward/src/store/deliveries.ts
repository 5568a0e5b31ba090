import type { Transaction } from '@rlaas/database';

/** Whether batches of a tenant that were received until then still wait to be taken. */
export async function hasDeliveries(tx: Transaction, tenantId: string, until: number): Promise<boolean> {
  const { rows } = await tx.query<{ any: boolean }>(
    `select exists (
       select from rlaas.batch_deliveries d join rlaas.ingest_batches b on b.id = d.batch_id
       where d.consumer = 'reward' and d.tenant_id = $1 and b.received_at <= $2
     ) as any`,
    [tenantId, new Date(until)],
  );
  return rows[0]?.any ?? false;
}
