import type { Transaction } from '../transaction.ts';

/** A batch of one tenant that was handed over to a consumer. */
export interface Delivery {
  batchId: string;
  tenantId: string;
}

/**
 * Takes deliveries of a consumer, oldest first, that nobody else is taking: several replicas share the work without
 * waiting for each other. Only those of the transaction's tenants: of another one the events could not be seen, and its
 * delivery would be gone for nothing. They are gone when the transaction commits and back when it does not, so the result must be
 * stored in the same one. Needs the role `rlaas_worker`.
 */
export async function claimDeliveries(
  tx: Transaction,
  { consumer, limit }: { consumer: string; limit: number },
): Promise<Delivery[]> {
  const { rows } = await tx.query<{ batch_id: string; tenant_id: string }>(
    `delete from rlaas.batch_deliveries d
     using (
       select consumer, batch_id, tenant_id from rlaas.batch_deliveries
       where consumer = $1 and tenant_id = any ((select rlaas.current_tenants())::uuid[])
       order by batch_id, tenant_id limit $2 for update skip locked
     ) taken
     where d.consumer = taken.consumer and d.batch_id = taken.batch_id and d.tenant_id = taken.tenant_id
     returning d.batch_id, d.tenant_id`,
    [consumer, limit],
  );
  return rows.map((row) => ({ batchId: row.batch_id, tenantId: row.tenant_id }));
}

/** Counting ends here: more is too many, whatever the number, and counting all of them would add to the load. */
const COUNTED = 100_000;

/** How many deliveries wait for each consumer, those without any among them; at most 100,000. Needs `rlaas_worker`. */
export async function countDeliveries(tx: Transaction): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ name: string; waiting: number }>(
    `select c.name, d.waiting
     from rlaas.consumers c
     cross join lateral (
       select count(*)::int as waiting
       from (select from rlaas.batch_deliveries b where b.consumer = c.name limit $1) counted
     ) d`,
    [COUNTED],
  );
  return new Map(rows.map((row) => [row.name, row.waiting]));
}
