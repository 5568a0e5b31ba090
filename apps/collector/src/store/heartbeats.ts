import type { Transaction } from '@rlaas/database';

/**
 * Notes that a replica takes events. When none did for longer than `silenceMs`, the time since the last of all of them
 * is a gap, noted once however many replicas come back together.
 * @param settledTo of the replica, milliseconds since 1970; infinite when it ends
 * By the clock of Postgres, since those of replicas differ.
 * @returns the gap in milliseconds, if there was one
 */
export async function beat(
  tx: Transaction,
  { replica, settledTo, silenceMs }: { replica: string; settledTo: number; silenceMs: number },
): Promise<number | undefined> {
  await tx.query('select pg_advisory_xact_lock(7202611220004)');
  const { rows } = await tx.query<{ ms: number }>(
    `with last as (select max(beat_at) as at from rlaas.collector_heartbeats)
     insert into rlaas.ingest_gaps (began_at, ended_at)
     select last.at, clock_timestamp() from last where clock_timestamp() - last.at > make_interval(secs => $1)
     on conflict do nothing
     returning (extract(epoch from ended_at - began_at) * 1000)::float8 as ms`,
    [silenceMs / 1_000],
  );
  await tx.query(
    `insert into rlaas.collector_heartbeats (replica, beat_at, settled_to) values ($1, clock_timestamp(), $2)
     on conflict (replica) do update
     set beat_at = excluded.beat_at, settled_to = greatest(collector_heartbeats.settled_to, excluded.settled_to)`,
    [replica, Number.isFinite(settledTo) ? new Date(settledTo) : 'infinity'],
  );
  // Replicas have a new name at each start; of those that ended only the last beat of all matters.
  await tx.query(
    "delete from rlaas.collector_heartbeats where beat_at < clock_timestamp() - interval '1 day'",
  );
  return rows[0]?.ms;
}
