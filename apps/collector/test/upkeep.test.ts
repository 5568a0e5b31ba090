import { createDatabase, newId, withOwner } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { type HeartbeatOptions, createHeartbeat } from '../src/heartbeats/heartbeat.ts';
import { createPartitionKeeper } from '../src/partitions/partition-keeper.ts';
import { outcome, startTestCollector } from './support/test-collector.ts';

const DAY_MS = 86_400_000;
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 4,
  applicationName: 'upkeep',
  onIdleError: () => undefined,
});
afterAll(() => database.close());

const heartbeat = (options: Partial<HeartbeatOptions> = {}) =>
  createHeartbeat({
    database,
    settledTo: Date.now,
    canStore: async () => true,
    steady: () => performance.now(),
    onGap: () => undefined,
    ...options,
  });

const days = async () =>
  (await db.sql<{ day: string }>('select day::text from rlaas.event_partitions()')).map((row) => row.day);
const dropPartition = (day: string) =>
  withOwner(db.ownerUrl, (client) =>
    client.query(`set role rlaas_owner; drop table rlaas.events_${day.replaceAll('-', '')}`),
  );

test('partitions that are missing are made, holes too, and what there is stays', async () => {
  const before = await days();
  expect(before).toHaveLength(22);
  await dropPartition(before.at(-1) ?? '');
  await dropPartition(before.at(-4) ?? '');
  const keeper = createPartitionKeeper(database, Date.now);
  await Promise.all([keeper.keep(), keeper.keep(), keeper.keep()]);
  expect(await days()).toEqual(before);
  expect(keeper.daysAhead()).toBe(7);
  expect(keeper.oldestIdMs()).toBe(Date.parse(before[0] ?? ''));
});

test('a service without a partition for the next hours is not ready, and says so', async () => {
  const keeper = createPartitionKeeper(database, Date.now);
  expect(await keeper.check()).toEqual({ ok: true });
  // Eight days on by its own clock the server's is still today, so it cannot be made.
  const late = createPartitionKeeper(database, () => Date.now() + 8 * DAY_MS);
  expect(await late.check()).toMatchObject({ ok: false });
  expect(late.daysAhead()).toBeLessThan(0);
});

test('an event whose partition is gone holds up no other; then it is said to be too old', async () => {
  const collector = await startTestCollector(db.url);
  const [oldest = ''] = await days();
  const event = outcome({ id: newId(Date.parse(oldest) + 1_000) });
  const others = Array.from({ length: 9 }, () => outcome());
  // The collector has seen it and does not know yet that it is gone.
  await dropPartition(oldest);
  const batch = [...others.slice(0, 5), event, ...others.slice(5), outcome({ type: 'shout' })];
  const sent = await collector.send(batch);
  expect(sent.body.counts).toEqual({ received: 11, accepted: 9, duplicate: 0, rejected: 1, retry: 1 });
  await expect.poll(async () => (await collector.send([event])).body.results[0]?.code).toBe('id_too_old');
  await collector.stop();
});

test('the collector itself cannot do more with partitions than make the next ones', async () => {
  const worker = (sql: string) =>
    database.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) => tx.query(sql));
  await expect(worker("select rlaas.make_event_partition('2030-01-01')")).rejects.toMatchObject({
    code: '42501',
  });
  await expect(
    worker(`drop table rlaas.events_${(await days())[0]?.replaceAll('-', '')}`),
  ).rejects.toMatchObject({
    code: '42501',
  });
  await worker('select rlaas.make_event_partitions(100000)');
  expect(await days()).toHaveLength(14 + 31);
});

test('a silence of all replicas is noted once, by whoever comes back first; one that goes on leaves none', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  const gaps: number[] = [];
  const replica = () => heartbeat({ onGap: (seconds) => gaps.push(seconds) });
  /** As if everything had happened so much earlier. */
  const pass = (seconds: number) =>
    db.sql(`update rlaas.collector_heartbeats set beat_at = beat_at - interval '${seconds} s'`);
  const [one, two] = [replica(), replica()];
  await one.beat();
  await pass(20);
  await two.beat();
  await pass(20);
  // It was silent for 40 s, but somebody took events.
  await one.beat();
  expect(gaps).toEqual([]);
  await pass(3_600);
  await Promise.all([replica().beat(), replica().beat(), two.beat()]);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toBeGreaterThan(3_599);
  expect(await db.sql('select from rlaas.ingest_gaps')).toHaveLength(1);
  await pass(2 * 86_400);
  await one.beat();
  expect(await db.sql('select from rlaas.collector_heartbeats')).toHaveLength(1);
});

test('a replica says up to when what it received is stored, and that it takes no more', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  let settled = 1_000;
  const replica = heartbeat({ settledTo: () => settled });
  const told = async () =>
    (await db.sql<{ settled_to: unknown }>('select settled_to from rlaas.collector_heartbeats'))[0]
      ?.settled_to;
  await replica.beat();
  expect(await told()).toEqual(new Date(1_000));
  settled = 500;
  await replica.beat();
  expect(await told()).toEqual(new Date(1_000));
  await replica.end();
  await replica.beat();
  expect(await told()).toBe(Number.POSITIVE_INFINITY);
});

test('before it receives something a replica beats, unless it did just now', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  let [settled, passed, canStore] = [1_000, 0, true];
  const replica = heartbeat({
    settledTo: () => settled,
    steady: () => passed,
    canStore: async () => canStore,
  });
  const told = async () =>
    (
      await db.sql<{ at: number }>(
        'select extract(epoch from settled_to)::float8 as at from rlaas.collector_heartbeats',
      )
    )[0]?.at;
  await Promise.all([replica.renew(), replica.renew()]);
  expect(await told()).toBe(1);
  [settled, passed] = [1_999, 999];
  await replica.renew();
  expect(await told()).toBe(1);
  [settled, passed] = [2_000, 1_000];
  await replica.renew();
  expect(await told()).toBe(2);
  [settled, passed, canStore] = [3_000, 2_000, false];
  await replica.renew();
  await replica.beat();
  expect(await told()).toBe(2);
  await replica.end();
  await expect(replica.renew()).rejects.toThrow('no more events');
});
