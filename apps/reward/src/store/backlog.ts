import type { Transaction } from '@rlaas/database';

/** Counting ends here: more is too many, whatever the number. */
const COUNTED = 100_000;

/** What waits for its deadline, and what is over it. @param now milliseconds since 1970 */
export async function readBacklog(
  tx: Transaction,
  now: number,
): Promise<{ due: number; oldestDueSeconds: number; pending: number }> {
  const { rows } = await tx.query<{ due: number; oldest: number | null; pending: number }>(
    `select (select count(*)::int from (
               select from rlaas.rewards where status = 'pending' and deadline <= $1 limit $2) d) as due,
            (select count(*)::int from (
               select from rlaas.rewards where status = 'pending' limit $2) p) as pending,
            (select date_part('epoch', min(deadline)) * 1000 from rlaas.rewards
             where status = 'pending' and deadline <= $1) as oldest`,
    [new Date(now), COUNTED],
  );
  const [row] = rows;
  return {
    due: row?.due ?? 0,
    pending: row?.pending ?? 0,
    oldestDueSeconds: row?.oldest === null || row === undefined ? 0 : (now - row.oldest) / 1_000,
  };
}
