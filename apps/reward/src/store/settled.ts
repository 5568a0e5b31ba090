import type { Transaction } from '@rlaas/database';
import { type Gap, mergeGaps } from '../rewards/deadline.ts';

/**
 * How long without a beat of a replica of the collector until nothing of it can be stored any more: it beats each second;
 * Postgres ends a statement after 10 s, and a group that is left alone after 4 s.
 */
const SILENCE = '15 seconds';

/**
 * Up to when everything that was received is stored, and the times in which nothing could be received. A reward whose
 * deadline is later must not close yet: an event that came in time may still be on its way into the table, or nobody may
 * be there to take it, which is a gap as soon as somebody is. Where no collector ever ran nothing is on its way.
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

/** Times in which no replica of the collector took events, that touch a period. */
export async function findGaps(tx: Transaction, from: number): Promise<Gap[]> {
  const { rows } = await tx.query<{ began: number; ended: number }>(
    `select date_part('epoch', began_at) * 1000 as began, date_part('epoch', ended_at) * 1000 as ended
     from rlaas.ingest_gaps where ended_at > $1 order by began_at`,
    [new Date(from)],
  );
  return mergeGaps(rows.map(({ began, ended }) => ({ from: began, to: ended })));
}
