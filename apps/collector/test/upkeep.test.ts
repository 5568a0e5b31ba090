import { createDatabase, newId, withOwner } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { createHeartbeat } from '../src/heartbeats/heartbeat.ts';
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

test('an event whose partition is gone is to be sent again; meanwhile the partition is made', async () => {
  const collector = await startTestCollector(db.url);
  const event = outcome({ id: newId(Date.now() + 60_000) });
  await dropPartition(new Date(Date.now() + 60_000).toISOString().slice(0, 10));
  expect((await collector.send([event])).status).toBe(503);
  await expect.poll(async () => (await collector.send([event])).status).toBe(200);
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
  expect(await days()).toHaveLength(15 + 31);
});

test('a silence of all replicas is noted once, by whoever comes back first; one that goes on leaves none', async () => {
  await db.sql('truncate rlaas.collector_heartbeats');
  let now = Date.parse('2026-03-01T00:00:00.000Z');
  const gaps: number[] = [];
  const replica = () => createHeartbeat({ database, now: () => now, onGap: (seconds) => gaps.push(seconds) });
  const [one, two] = [replica(), replica()];
  await one.beat();
  now += 20_000;
  await two.beat();
  now += 20_000;
  // It was silent for 40 s, but somebody took events.
  await one.beat();
  expect(gaps).toEqual([]);
  now += 3_600_000;
  await Promise.all([replica().beat(), replica().beat(), two.beat()]);
  expect(gaps).toEqual([3_600]);
  expect(await db.sql('select began_at, ended_at from rlaas.ingest_gaps')).toEqual([
    { began_at: new Date('2026-03-01T00:00:40.000Z'), ended_at: new Date('2026-03-01T01:00:40.000Z') },
  ]);
  now += 2 * DAY_MS;
  await one.beat();
  expect(await db.sql('select from rlaas.collector_heartbeats')).toHaveLength(1);
});
