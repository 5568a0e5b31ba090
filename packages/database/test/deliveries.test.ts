import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { registerConsumer } from '../src/deliveries/consumers.ts';
import { claimDeliveries, countDeliveries } from '../src/deliveries/deliveries.ts';
import type { Transaction } from '../src/transaction.ts';

const TENANTS = ['0190a000-0000-7000-8000-00000000000a', '0190a000-0000-7000-8000-00000000000b'];
const db = await createTestDatabase();
const database = createDatabase({
  url: db.url,
  poolMax: 8,
  applicationName: 'deliveries',
  onIdleError: (error) => {
    throw error;
  },
});
afterAll(() => database.close());

const work = <T>(run: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.transaction({ role: 'rlaas_worker', tenants: TENANTS }, run);
/** As the collector does it: the batch and its deliveries in one statement. */
const writeBatch = (tx: Transaction) =>
  tx.query<{ id: string }>(
    `with b as (insert into rlaas.ingest_batches (received_at, rows, tenants) values (now(), 1, $1) returning id),
          d as (insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
                select c.name, b.id, t from b, rlaas.consumers c, unnest($1::uuid[]) t)
     select id from b`,
    [TENANTS],
  );
const all = (consumer: string) => work((tx) => claimDeliveries(tx, { consumer, limit: 10_000 }));

test('replicas share deliveries without waiting for each other, and a failed one gives its own back', async () => {
  for (let batch = 0; batch < 20; batch += 1) await work(writeBatch);
  const taken: string[] = [];
  const failing = work(async (tx) => {
    const mine = await claimDeliveries(tx, { consumer: 'reward', limit: 15 });
    // Others claim while this one holds its own.
    const theirs = await Promise.all(
      [1, 2].map(() => work((other) => claimDeliveries(other, { consumer: 'reward', limit: 10 }))),
    );
    taken.push(...theirs.flat().map((one) => `${one.batchId}/${one.tenantId}`));
    expect(mine).toHaveLength(15);
    throw new Error('the work failed');
  });
  await expect(failing).rejects.toThrow('the work failed');
  expect(taken).toHaveLength(20);
  const rest = await all('reward');
  taken.push(...rest.map((one) => `${one.batchId}/${one.tenantId}`));
  expect(taken).toHaveLength(40);
  expect(new Set(taken).size).toBe(40);
});

test('a new consumer gets every batch once, those that are being written and those that come meanwhile too', async () => {
  await all('reward');
  const [before] = await db.sql<{ batches: number }>(
    'select count(*)::int as batches from rlaas.ingest_batches',
  );
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const writing = work(async (tx) => {
    await writeBatch(tx);
    started.resolve();
    await finish.promise;
  });
  await started.promise;
  const registering = work((tx) => registerConsumer(tx, 'stager'));
  await expect
    .poll(() =>
      db.sql("select 1 from pg_locks where not granted and relation = 'rlaas.ingest_batches'::regclass"),
    )
    .toHaveLength(1);
  const later = Promise.all(Array.from({ length: 5 }, () => work(writeBatch)));
  finish.resolve();
  await writing;
  expect(await registering).toBe(true);
  await later;
  const deliveries = await all('stager');
  expect(deliveries).toHaveLength(((before?.batches ?? 0) + 6) * TENANTS.length);
  expect(new Set(deliveries.map((one) => `${one.batchId}/${one.tenantId}`)).size).toBe(deliveries.length);
  expect(await work((tx) => registerConsumer(tx, 'stager'))).toBe(false);
  expect(await all('stager')).toEqual([]);
});

test('consumers do not take from each other, and what waits is counted for all', async () => {
  await all('reward');
  await work((tx) => registerConsumer(tx, 'stager'));
  await all('stager');
  await work(writeBatch);
  expect(await all('stager')).toHaveLength(2);
  expect(await work(countDeliveries)).toEqual(
    new Map([
      ['reward', 2],
      ['stager', 0],
    ]),
  );
});

test('the delivery of a tenant that a worker does not know of yet is left to one that does', async () => {
  await all('reward');
  await work(writeBatch);
  const [known, unknown] = TENANTS;
  const claimOf = (tenants: string[]) =>
    database.transaction({ role: 'rlaas_worker', tenants }, (tx) =>
      claimDeliveries(tx, { consumer: 'reward', limit: 10 }),
    );
  expect((await claimOf([known ?? ''])).map((delivery) => delivery.tenantId)).toEqual([known]);
  expect(await claimOf([])).toEqual([]);
  expect((await claimOf(TENANTS)).map((delivery) => delivery.tenantId)).toEqual([unknown]);
});

test('a name that is none is refused', async () => {
  await expect(work((tx) => registerConsumer(tx, 'Not a name'))).rejects.toMatchObject({ code: '22023' });
});
