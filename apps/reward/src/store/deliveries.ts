import type { Transaction } from '@rlaas/database';

const CONSUMER = 'reward';

/** A batch of one tenant that was handed over. */
export interface Delivery {
  batch_id: string;
  tenant_id: string;
}

/**
 * Takes deliveries that nobody else is taking. They are gone when the transaction commits, and back when it does not:
 * so the result must be stored in the same one.
 */
export async function claimDeliveries(tx: Transaction, limit: number): Promise<Delivery[]> {
  const { rows } = await tx.query<Delivery>(
    `delete from rlaas.batch_deliveries d
     using (
       select consumer, batch_id, tenant_id from rlaas.batch_deliveries
       where consumer = $1 order by batch_id limit $2 for update skip locked
     ) taken
     where d.consumer = taken.consumer and d.batch_id = taken.batch_id and d.tenant_id = taken.tenant_id
     returning d.batch_id, d.tenant_id`,
    [CONSUMER, limit],
  );
  return rows;
}
