import type { Transaction } from '@rlaas/database';

/** A decision as a turn of a version. */
export interface Turn {
  id: string;
  /** Milliseconds since 1970. */
  occurred_at: number;
  failed: boolean;
}

/**
 * Decisions that a version made, or was to make and could not, behind a cursor, in the order in which they were made, at
 * most `limit` decisions of anybody.
 * @returns those turns, and the last decision that was looked at; `undefined`: there was none
 */
export async function findTurns(
  tx: Transaction,
  { tenantId, policy, version }: { tenantId: string; policy: string; version: string },
  after: { at: number; id: string },
  until: number,
  limit: number,
): Promise<{ turns: Turn[]; last: { at: number; id: string } | undefined; looked: number }> {
  const { rows } = await tx.query<Turn & { own: boolean }>(
    `select e.id, date_part('epoch', e.occurred_at) * 1000 as occurred_at,
            coalesce(e.data ->> 'failed_version' = $3, false) as failed,
            e.import_id is null and not e.data ? 'sticky_of' and e.data ->> 'mode' <> 'baseline'
              and (e.data ->> 'policy_version' = $3 or e.data ->> 'failed_version' = $3) is true as own
     from rlaas.events e
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
       and (e.occurred_at, e.id) > ($4, $5::uuid) and e.occurred_at < $6
     order by e.occurred_at, e.id limit $7`,
    [tenantId, policy, version, new Date(after.at), after.id, new Date(until), limit],
  );
  const last = rows.at(-1);
  return {
    turns: rows.filter(({ own }) => own),
    last: last && { at: last.occurred_at, id: last.id },
    looked: rows.length,
  };
}
