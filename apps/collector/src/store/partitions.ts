import type { Transaction } from '@rlaas/database';

/** Makes the missing partitions of events up to some days ahead. @returns how many */
export async function makePartitions(tx: Transaction, daysAhead: number): Promise<number> {
  const { rows } = await tx.query<{ made: number }>('select rlaas.make_event_partitions($1) as made', [
    daysAhead,
  ]);
  return rows[0]?.made ?? 0;
}

/** The first and the last day (UTC) that events have a partition for, in milliseconds since 1970. */
export async function findPartitionDays(
  tx: Transaction,
): Promise<{ first: number; last: number } | undefined> {
  const { rows } = await tx.query<{ first: number | null; last: number | null }>(
    `select (extract(epoch from min(day)) * 1000)::float8 as first, (extract(epoch from max(day)) * 1000)::float8 as last
     from rlaas.event_partitions()`,
  );
  const [days] = rows;
  return days === undefined || days.first === null || days.last === null
    ? undefined
    : { first: days.first, last: days.last };
}
