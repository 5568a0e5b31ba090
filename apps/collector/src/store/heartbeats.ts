import type { Transaction } from '@rlaas/database';

/**
 * Notes that a replica takes events. When none did for longer than `silenceMs`, the time since the last of all of them
 * is a gap, noted once however many replicas come back together.
 * @returns the gap in milliseconds, if there was one
 */
export async function beat(
  tx: Transaction,
  { replica, now, silenceMs }: { replica: string; now: Date; silenceMs: number },
): Promise<number | undefined> {
  await tx.query('select pg_advisory_xact_lock(7202611220004)');
  const { rows } = await tx.query<{ ms: number }>(
    `with last as (select max(beat_at) as at from rlaas.collector_heartbeats)
     insert into rlaas.ingest_gaps (began_at, ended_at)
     select last.at, $1 from last where $1::timestamptz - last.at > make_interval(secs => $2)
     on conflict do nothing
     returning (extract(epoch from ended_at - began_at) * 1000)::float8 as ms`,
    [now, silenceMs / 1_000],
  );
  await tx.query(
    `insert into rlaas.collector_heartbeats (replica, beat_at) values ($1, $2)
     on conflict (replica) do update set beat_at = excluded.beat_at`,
    [replica, now],
  );
  // Replicas have a new name at each start; of those that ended only the last beat of all matters.
  await tx.query(
    "delete from rlaas.collector_heartbeats where beat_at < $1::timestamptz - interval '1 day'",
    [now],
  );
  return rows[0]?.ms;
}
