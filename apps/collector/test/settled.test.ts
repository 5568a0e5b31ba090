import { type Database, createDatabase, newId, withOwner } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { SettledTime } from '../src/writing/settled-time.ts';
import { createWriteGroup } from '../src/writing/write-group.ts';
import { chunkOf, rowOf } from './support/rows.ts';
import { TENANT, outcome, startTestCollector } from './support/test-collector.ts';

const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 4,
  applicationName: 'settled',
  onIdleError: () => undefined,
});
afterAll(() => database.close());

/** As milliseconds since 1970, as the collector stamps them. */
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const receivedAt = async (id: string) =>
  (
    await db.sql<{ at: number }>(
      `select ${ms('b.received_at')} as at from rlaas.events e
       join rlaas.ingest_batches b on b.id = e.batch_id where e.id = $1`,
      [id],
    )
  )[0]?.at;

interface Beat {
  at: number;
  settled: number;
}

const lastBeat = async (): Promise<Beat | undefined> =>
  (
    await db.sql<Beat>(
      `select ${ms('beat_at')} as at, ${ms('settled_to')} as settled
       from rlaas.collector_heartbeats order by beat_at desc limit 1`,
    )
  )[0];

/** The next beat that was sent after now. */
async function nextBeat(): Promise<Beat> {
  let [first, next] = [await lastBeat(), await lastBeat()];
  // Two of them, since the first one may have been on its way.
  for (let n = 0; n < 2; n += 1) {
    await expect
      .poll(async () => (next = await lastBeat())?.at, { timeout: 10_000, interval: 50 })
      .toBeGreaterThan(first?.at ?? 0);
    first = next;
  }
  if (!next) throw new Error('there is no beat');
  return next;
}

test('a collector goes on beating while a group is held up, and says no more than what is stored', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  const collector = await startTestCollector(db.url);
  const before = outcome();
  await collector.send([before]);
  const held = outcome();
  let sending: ReturnType<typeof collector.send> | undefined;
  let told: Beat[] = [];
  await withOwner(db.ownerUrl, async (client) => {
    await client.query('begin; lock table rlaas.events in share mode');
    sending = collector.send([held]);
    await expect
      .poll(() => db.sql("select from pg_locks where relation = 'rlaas.events'::regclass and not granted"))
      .toHaveLength(1);
    told = [await nextBeat(), await nextBeat()];
    await client.query('commit');
  });
  expect((await sending)?.body.counts.accepted).toBe(1);
  const received = (await receivedAt(held.id)) ?? 0;
  expect(received).toBeGreaterThan(0);
  for (const beat of told) {
    expect(beat.settled).toBeLessThanOrEqual(received);
    expect(beat.settled).toBeGreaterThanOrEqual((await receivedAt(before.id)) ?? Infinity);
    expect(beat.at).toBeGreaterThan(received);
  }
  expect((await nextBeat()).settled).toBeGreaterThan(received);
  await collector.stop();
  expect((await lastBeat())?.settled).toBe(Number.POSITIVE_INFINITY);
});

test('a replica is known to others before it receives a group', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  const sent: string[] = [];
  const writeGroup = createWriteGroup({
    database: noting(database, () => sent.push('group')),
    settling: new SettledTime(Date.now, () => performance.now()),
    announce: async () => {
      sent.push('beat');
    },
    onCommitted: () => undefined,
    onLost: () => undefined,
    onPartitionMissing: () => undefined,
  });
  await writeGroup([chunkOf(TENANT, 2)]);
  expect(sent).toEqual(['beat', 'group']);
});

test('a group that cannot be announced is not stored, and can be sent again', async () => {
  const lost: unknown[] = [];
  const away = new Error('Postgres is away');
  const writeGroup = createWriteGroup({
    database,
    settling: new SettledTime(Date.now, () => performance.now()),
    announce: () => Promise.reject(away),
    onCommitted: () => undefined,
    onLost: (error) => lost.push(error),
    onPartitionMissing: () => undefined,
  });
  const chunk = chunkOf(TENANT, 2);
  expect((await writeGroup([chunk]))[0]?.rows).toEqual(['lost', 'lost']);
  expect(lost).toEqual([away]);
  expect(await receivedAt(chunk.rows[0]?.id ?? '')).toBeUndefined();
});

test('whatever a group is cut into or tried again as, nothing is stored that was received before what was told', async () => {
  await db.sql(`
    create function refuse_source() returns trigger language plpgsql as $$
      begin
        if new.source = 'refused' then raise exception 'refused' using errcode = '22000'; end if;
        return new;
      end $$;
    create trigger refuse before insert on rlaas.events for each row execute function refuse_source()`);
  let now = Date.now();
  const settling = new SettledTime(
    () => now,
    () => now,
  );
  const told: number[] = [];
  const seen = new Set<string>();
  const wrong: string[] = [];
  let stored = 0;
  const look = async (): Promise<void> => {
    const most = Math.max(...told);
    for (const { id, at } of await db.sql<{ id: string; at: number }>(
      `select e.id, ${ms('b.received_at')} as at from rlaas.events e
       join rlaas.ingest_batches b on b.id = e.batch_id where e.source in ('split', 'refused')`,
    )) {
      if (seen.has(id)) continue;
      seen.add(id);
      stored += 1;
      // The last that was told before its transaction ended is the most.
      if (at < most) wrong.push(`${id} was received at ${at}, after ${most} was told as settled`);
    }
  };
  const tell = (): void => {
    now += 1_000;
    told.push(settling.settledTo());
  };
  const writeGroup = createWriteGroup({
    database: noting(database, tell, tell, look),
    settling,
    announce: async () => tell(),
    onCommitted: () => undefined,
    onLost: (error) => wrong.push(String(error)),
    onPartitionMissing: () => wrong.push('a partition is missing'),
  });
  const row = (source: string) => rowOf({ tenantId: TENANT, id: newId(Date.now()), source });
  const rows = [row('split'), row('split'), row('refused'), row('split'), row('split'), row('refused')];
  const chunk = (changes: object) => chunkOf(TENANT, 0, { rows, ...changes });
  const [first] = await writeGroup([chunk({})]);
  expect(first?.rows).toEqual(['accepted', 'accepted', 'unstorable', 'accepted', 'accepted', 'unstorable']);
  const again = [...rows.slice(0, 2), row('split')];
  const [second] = await writeGroup([chunk({ rows: again })]);
  expect(second?.rows).toEqual(['duplicate', 'duplicate', 'accepted']);
  const [third] = await writeGroup([chunk({ rows: [row('split'), row('refused')], atomic: true })]);
  expect(third?.rows).toEqual(['lost', 'unstorable']);
  expect(wrong).toEqual([]);
  expect(stored).toBe(5);
  // Nothing is open any more, so that what is settled goes on with the clock.
  expect(settling.settledTo()).toBe(now);
});

/** A database that says when a transaction is asked for, when its work is done but not committed, and when it has ended. */
function noting(
  real: Database,
  onAsked: () => unknown,
  onDone: () => unknown = () => undefined,
  onEnd: () => Promise<void> = async () => undefined,
): Database {
  return {
    ...real,
    async transaction(options, work) {
      onAsked();
      try {
        return await real.transaction(options, async (tx) => {
          const done = await work(tx);
          onDone();
          return done;
        });
      } finally {
        await onEnd();
      }
    },
  };
}
