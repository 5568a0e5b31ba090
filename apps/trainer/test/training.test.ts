import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, newId } from '@rlaas/database';
import { decodeState } from '@rlaas/learning';
import { createObjectStore } from '@rlaas/object-store';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { createTrainingWorker } from '../src/training/training-worker.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 6,
  applicationName: 'training',
  onIdleError: () => undefined,
});
const root = mkdtempSync(join(tmpdir(), 'rlaas-objects-'));
const store = createObjectStore({ kind: 'directory', root });
afterAll(async () => {
  await database.close();
  rmSync(root, { recursive: true });
});

const CONFIGURATION = { explorer: { kind: 'epsilon_greedy' }, learner: { bits: 10 } };
let clock = Date.now();
const failures: unknown[] = [];
const worker = () =>
  createTrainingWorker({
    database,
    store,
    now: () => clock,
    onCheckpoint: () => undefined,
    onFailure: (_, error) => failures.push(error),
  });

await db.sql(
  `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'p', '{}', 'api')`,
  [TENANT],
);
await db.sql(
  `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source) values
   ($1, 'p', 'steady', 'shadow', $2, 'api'), ($1, 'p', 'restarted', 'shadow', $2, 'api'), ($1, 'p', 'done', 'retired', $2, 'api')`,
  [TENANT, CONFIGURATION],
);

let batchId = '';
/** Rewards that are final, in no order of their keys. */
async function makeRewards(count: number): Promise<void> {
  const [batch] = await db.sql<{ id: string }>(
    'insert into rlaas.ingest_batches (received_at, rows) values (now(), 0) returning id',
  );
  batchId = batch?.id ?? batchId;
  for (let i = 0; i < count; i += 1) {
    const id = newId(clock + ((i * 7) % count));
    const data = {
      context: { x: Math.sin(i), side: i % 3 ? 'left' : 'right' },
      actions: [{ id: 'a' }, { id: 'b' }],
      probabilities: [0.3, 0.7],
      chosen: i % 2,
      propensity: i % 2 ? 0.7 : 0.3,
      policy_version: null,
      checkpoint: null,
      mode: 'shadow_only',
    };
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal)
       values ($1, $2, 'decision', 1, now(), now(), 'p', $2, 'gateway', $3, '00112233445566778899aabbccddeeff', $4, 1)`,
      [TENANT, id, data, batchId],
    );
    await db.sql(
      `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
       values ($1, $2, 1, 'p', 'final', $3, now(), $4)`,
      [TENANT, id, Math.cos(i), new Date(clock + i)],
    );
  }
}
const bytesOf = async (key: string): Promise<Buffer> => {
  const object = await store.get(key);
  const chunks: Buffer[] = [];
  for await (const chunk of object?.body ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
const newestState = async (version: string, configuration: object = CONFIGURATION) => {
  const [row] = await db.sql<{ object_key: string; resume_key: string; position: string }>(
    'select object_key, resume_key, position from rlaas.checkpoints where version = $1 order by number desc limit 1',
    [version],
  );
  const files = [await bytesOf(row?.object_key ?? ''), await bytesOf(row?.resume_key ?? '')] as const;
  const { state } = decodeState(...files, versionConfigurationSchema.parse(configuration));
  return { position: Number(row?.position), state };
};

test('an object store that refuses is tried again later, not at once, and nothing learned is lost', async () => {
  await makeRewards(5);
  let refused = 0;
  const broken = createTrainingWorker({
    database,
    store: {
      ...store,
      put: async () => {
        throw new Error('the bucket is away');
      },
    },
    now: () => clock,
    onCheckpoint: () => undefined,
    onFailure: () => (refused += 1),
  });
  for (let i = 0; i < 20; i += 1) await broken.round();
  expect(refused).toBe(2);
  clock += 1_001;
  for (let i = 0; i < 20; i += 1) await broken.round();
  expect(refused).toBe(4);
  const one = worker();
  while (await one.round());
  expect((await newestState('steady')).position).toBe(5);
  await db.sql('delete from rlaas.checkpoints');
  await db.sql('delete from rlaas.training_log');
  await db.sql('delete from rlaas.rewards');
  clock += 10_000;
});

test('a version learns each reward once, in the order of deadlines; one that is done does not', async () => {
  await makeRewards(40);
  const one = worker();
  while (await one.round());
  clock += 10_000;
  await one.round();
  expect(failures).toEqual([]);
  const learned = await db.sql<{ version: string; n: number }>(
    'select version, count(*)::int as n from rlaas.training_log group by 1 order by 1',
  );
  expect(learned).toEqual([
    { version: 'restarted', n: 40 },
    { version: 'steady', n: 40 },
  ]);
  const [order] = await db.sql<{ ordered: boolean }>(
    `select bool_and(l.position = r.rank) as ordered from rlaas.training_log l
     join (select decision_id, row_number() over (order by deadline, decision_id) as rank from rlaas.rewards) r
       using (decision_id) where l.version = 'steady'`,
  );
  expect(order).toEqual({ ordered: true });
  expect((await newestState('steady')).state.counters).toEqual({ decisions: 40, actions: 80 });
});

test('after a crash between log and checkpoint the same rewards give the same bits; two at once agree', async () => {
  await makeRewards(30);
  // Logged, but never written to a checkpoint: the clock stands still, so none is due.
  const crashed = worker();
  while (await crashed.round());
  clock += 10_000;
  await makeRewards(30);
  const [one, two] = [worker(), worker()];
  for (let i = 0; i < 6; i += 1) await Promise.all([one.round(), two.round()]);
  clock += 10_000;
  await Promise.all([one.round(), two.round()]);
  expect(failures).toEqual([]);
  const counts = await db.sql<{ n: number; positions: number }>(
    'select count(*)::int as n, max(position)::int as positions from rlaas.training_log group by version',
  );
  expect(counts).toEqual([
    { n: 100, positions: 100 },
    { n: 100, positions: 100 },
  ]);
  // From the first reward on, by a trainer that has no checkpoint to begin from.
  await db.sql("delete from rlaas.checkpoints where version = 'restarted'");
  const anew = worker();
  while (await anew.round());
  clock += 10_000;
  await anew.round();
  const [steady, restarted] = [await newestState('steady'), await newestState('restarted')];
  expect(restarted.position).toBe(100);
  expect(restarted.state).toEqual(steady.state);
});

test.each([
  ['squarecb', { explorer: { kind: 'squarecb' }, learner: { bits: 8 } }],
  ['bagging', { explorer: { kind: 'bagging', models: 3 }, learner: { bits: 8, estimator: 'dr' } }],
  ['cover', { explorer: { kind: 'cover', policies: 3 }, learner: { bits: 8 } }],
  ['thompson', { explorer: { kind: 'thompson' }, learner: { bits: 8 } }],
])('%s goes on to the same bits from any checkpoint', async (kind, configuration) => {
  await db.sql(
    `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source) values
     ($1, 'p', $2, 'shadow', $4, 'api'), ($1, 'p', $3, 'shadow', $4, 'api')`,
    [TENANT, `${kind}-steady`, `${kind}-stopped`, configuration],
  );
  const steady = worker();
  // As a trainer that is killed after each of its checkpoints.
  for (let i = 0; i < 3; i += 1) {
    await makeRewards(10);
    const stopped = worker();
    while ((await stopped.round()) || (await steady.round()));
    clock += 10_000;
    await stopped.round();
    await steady.round();
  }
  await db.sql('delete from rlaas.checkpoints where version = $1', [`${kind}-stopped`]);
  const anew = worker();
  while (await anew.round());
  clock += 10_000;
  await anew.round();
  expect(failures).toEqual([]);
  const [one, other] = [
    await newestState(`${kind}-steady`, configuration),
    await newestState(`${kind}-stopped`, configuration),
  ];
  expect(one.position).toBeGreaterThan(100);
  expect(other).toEqual(one);
  await db.sql("update rlaas.policy_versions set status = 'retired' where name like $1", [`${kind}-%`]);
});

test('what repeats the choice of its episode is not learned from', async () => {
  const before = (await newestState('steady')).position;
  const id = newId(clock);
  await db.sql(
    `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal)
     select tenant_id, $1, type, schema_version, occurred_at, received_at, policy, $1, source,
            data || '{"sticky_of": "0190a000-0000-7000-8000-000000000001"}', fingerprint, batch_id, 99
     from rlaas.events where policy = 'p' limit 1`,
    [id],
  );
  await db.sql(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
     values ($1, $2, 1, 'p', 'final', 1, now(), now())`,
    [TENANT, id],
  );
  await makeRewards(1);
  const one = worker();
  while (await one.round());
  clock += 10_000;
  await one.round();
  expect((await newestState('steady')).position).toBe(before + 1);
});

test('what cannot be learned from is told once and holds nothing up', async () => {
  const before = (await newestState('steady')).position;
  await makeRewards(3);
  let deep: unknown = 1;
  for (let depth = 0; depth < 40; depth += 1) deep = { deep };
  await db.sql(
    `update rlaas.events set data = jsonb_set(data, '{context}', $1) where id = (
       select decision_id from rlaas.rewards r where not exists (
         select from rlaas.training_log l where l.decision_id = r.decision_id and l.version = 'steady')
       and exists (select from rlaas.events e where e.id = r.decision_id and not e.data ? 'sticky_of')
       order by deadline limit 1)`,
    [{ deep }],
  );
  const one = worker();
  while (await one.round());
  clock += 10_000;
  await one.round();
  expect(failures.map(String)).toEqual([
    expect.stringContaining('cannot be learned from'),
    expect.stringContaining('cannot be learned from'),
  ]);
  failures.length = 0;
  const { position, state } = await newestState('steady');
  expect([position, state.counters.decisions]).toEqual([before + 3, before + 2]);
});

test('a damaged checkpoint is told, and all is learned anew from the training log', async () => {
  await makeRewards(2);
  const [row] = await db.sql<{ resume_key: string; metadata: unknown }>(
    "select resume_key, metadata from rlaas.checkpoints where version = 'steady' order by number desc limit 1",
  );
  expect(row?.metadata).toEqual({
    decisions: expect.any(Number),
    model_bytes: expect.any(Number),
    resume_bytes: expect.any(Number),
  });
  const bytes = await bytesOf(row?.resume_key ?? '');
  const key = `${row?.resume_key}-cut`;
  await store.put(key, bytes.subarray(0, bytes.length - 8));
  await db.sql("update rlaas.checkpoints set resume_key = $1 where version = 'steady'", [key]);
  const one = worker();
  while (await one.round());
  clock += 10_000;
  await one.round();
  expect(failures.map(String)).toContainEqual(expect.stringContaining('the newest checkpoint is damaged'));
  const [steady, restarted] = [await newestState('steady'), await newestState('restarted')];
  expect(steady).toEqual(restarted);
});
