import { createDatabase, newId } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { createRewardWorker } from '../src/rewards/reward-worker.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 6,
  applicationName: 'reward',
  onIdleError: () => undefined,
});
afterAll(() => database.close());

let clock = Date.now();
const worker = () => createRewardWorker({ database, now: () => clock });
// What the example tenant has from its seed is not what this is about.
await db.sql('delete from rlaas.batch_deliveries');
await db.sql('delete from rlaas.reward_specs');
await db.sql(
  `insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, 'support-draft', 1, $2)`,
  [TENANT, { range: [0, 1], window: { after: '10s', grace: '2s' }, outcome: 'sent', default: 0 }],
);

/** Stores events as the collector does. */
async function store(
  events: { id: string; type: string; decision: string; at: number; data: object }[],
  importId: string | null = null,
): Promise<void> {
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values ($1, $2) returning id',
    [new Date(clock), events.length],
  );
  for (const event of events) {
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal, import_id)
       values ($1, $2, $3, 1, $4, $5, $6, $7, 'test', $8, '00112233445566778899aabbccddeeff', $9, 1, $10)`,
      [
        TENANT,
        event.id,
        event.type,
        new Date(event.at),
        new Date(clock),
        event.type === 'decision' ? 'support-draft' : null,
        event.decision,
        event.data,
        batch?.id,
        importId,
      ],
    );
  }
  await db.sql(
    `insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id) values ('reward', $1, $2)`,
    [batch?.id, TENANT],
  );
}
const rewards = () =>
  db.sql<{ status: string; value: number | null; n: number }>(
    'select status, value, count(*)::int as n from rlaas.rewards group by 1, 2 order by 1, 2',
  );

test('two workers share decisions; each has one reward, closed at its deadline and not before', async () => {
  const decisions = Array.from({ length: 60 }, () => newId(clock));
  // Half of the outcomes come before their decisions.
  const outcomes = decisions.slice(0, 40).map((decision) => ({
    id: newId(clock),
    type: 'outcome',
    decision,
    at: clock + 1_000,
    data: { name: 'sent', value: true },
  }));
  await store(outcomes.slice(0, 20));
  for (let from = 0; from < 60; from += 10) {
    await store(
      decisions
        .slice(from, from + 10)
        .map((id) => ({ id, type: 'decision', decision: id, at: clock, data: {} })),
    );
  }
  const drain = async (round: () => Promise<number>): Promise<void> => {
    while ((await round()) > 0);
  };
  const [one, two] = [worker(), worker()];
  await Promise.all([drain(() => one.open()), drain(() => two.open())]);
  expect(await rewards()).toEqual([{ status: 'pending', value: null, n: 60 }]);
  await store(outcomes.slice(20));
  await drain(() => one.open());

  clock += 11_999;
  expect(await one.close()).toBe(0);
  clock += 1;
  await Promise.all([drain(() => one.close()), drain(() => two.close())]);
  expect(await rewards()).toEqual([
    { status: 'defaulted', value: 0, n: 20 },
    { status: 'final', value: 1, n: 40 },
  ]);
  expect(await db.sql('select from rlaas.batch_deliveries')).toEqual([]);

  // What comes after the deadline changes nothing.
  await store([
    {
      id: newId(clock),
      type: 'outcome',
      decision: decisions[59] ?? '',
      at: clock - 11_000,
      data: { name: 'sent', value: true },
    },
  ]);
  await drain(() => one.open());
  expect(await one.close()).toBe(0);
  expect((await rewards())[0]).toEqual({ status: 'defaulted', value: 0, n: 20 });
});

test('a round that fails gives its deliveries back', async () => {
  const id = newId(clock);
  await store([{ id, type: 'decision', decision: id, at: clock, data: {} }]);
  await db.sql(`update rlaas.reward_specs set definition = '{"broken": true}'`);
  await expect(worker().open()).rejects.toThrow('Invalid input');
  expect(await db.sql('select consumer from rlaas.batch_deliveries')).toEqual([{ consumer: 'reward' }]);
  await db.sql(
    `update rlaas.reward_specs set definition = '{"range": [0, 1], "window": {"after": "10s", "grace": "2s"}, "outcome": "sent", "default": 0}'`,
  );
  expect(await worker().open()).toBe(1);
  expect(await db.sql('select status from rlaas.rewards where decision_id = $1', [id])).toEqual([
    { status: 'pending' },
  ]);
});

test('decisions of an import wait until it is complete, and then as long as all others', async () => {
  const importId = newId(clock);
  await db.sql(
    `insert into rlaas.imports (tenant_id, id, source, digest, id_base, created_at) values ($1, $2, 'test', repeat('a', 64), $2, now())`,
    [TENANT, importId],
  );
  const [id, later] = [newId(clock), newId(clock)];
  const longAgo = clock - 86_400_000 * 300;
  await store([{ id, type: 'decision', decision: id, at: longAgo, data: {} }], importId);
  expect(await worker().open()).toBe(1);
  clock += 86_400_000;
  expect([await worker().release(), await worker().close()]).toEqual([0, 1]);
  const one = async () => {
    const [row] = await db.sql<{ status: string; deadline: unknown }>(
      'select status, deadline from rlaas.rewards where decision_id = $1',
      [id],
    );
    return row;
  };
  expect(await one()).toEqual({ status: 'pending', deadline: Number.POSITIVE_INFINITY });
  await store(
    [
      {
        id: newId(clock),
        type: 'outcome',
        decision: id,
        at: longAgo + 5_000,
        data: { name: 'sent', value: true },
      },
    ],
    importId,
  );
  await db.sql('update rlaas.imports set completed_at = $1', [new Date(clock)]);
  await Promise.all([worker().release(), worker().release()]);
  expect(await one()).toEqual({ status: 'pending', deadline: new Date(clock + 2_000) });
  // One that comes after the completion, by a delivery that was taken late, has its deadline at once.
  await store([{ id: later, type: 'decision', decision: later, at: longAgo, data: {} }], importId);
  await worker().open();
  await worker().open();
  clock += 2_000;
  expect(await worker().close()).toBe(2);
  expect((await one())?.status).toBe('final');
});
