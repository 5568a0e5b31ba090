import type { Transaction } from '@rlaas/database';
import type { SeenNames } from '../specifications/known-names.ts';

/** So many of the last events are looked at. */
const LAST = 5_000;

/** Names of the last outcomes and feedback of a tenant. */
export async function findSeenNames(tx: Transaction, tenantId: string): Promise<SeenNames> {
  const { rows } = await tx.query<{ type: 'outcome' | 'feedback'; name: string }>(
    `select distinct type, data ->> 'name' as name
     from (select type, data from rlaas.events where tenant_id = $1 order by id desc limit $2) last
     where type in ('outcome', 'feedback') and data ? 'name'
     order by 1, 2`,
    [tenantId, LAST],
  );
  return {
    outcome: rows.filter(({ type }) => type === 'outcome').map(({ name }) => name),
    feedback: rows.filter(({ type }) => type === 'feedback').map(({ name }) => name),
  };
}
