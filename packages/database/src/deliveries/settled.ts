import type { Transaction } from '../transaction.ts';

/**
 * How long without a beat of a replica of the collector until nothing of it can be stored any more: it beats each
 * second, Postgres ends a statement after 10 s, and a group that is left alone after 4 s. The rest is for clocks and
 * answers that are on their way.
 */
const SILENCE = '20 seconds';

/**
 * Up to when everything that was received is stored. A reward whose deadline is later must not close yet: an event that
 * came in time may still be on its way into the table, or nobody may be there to take it, which is a gap as soon as
 * somebody is. Where no collector ever ran nothing is on its way.
 * @param now milliseconds since 1970
 */
export async function readSettled(tx: Transaction, now: number): Promise<number> {
  const { rows } = await tx.query<{ replicas: number; beat: number | null; settled: number | null }>(
    `select count(*)::int as replicas, date_part('epoch', max(beat_at)) * 1000 as beat,
            date_part('epoch', min(settled_to) filter (
              where beat_at > clock_timestamp() - interval '${SILENCE}')) * 1000 as settled
     from rlaas.collector_heartbeats`,
  );
  const [row] = rows;
  if (!row || row.replicas === 0) return now;
  return Math.min(now, row.beat ?? now, row.settled ?? now);
}
