import { newId } from '@rlaas/database';
import { expect, test } from 'vitest';
import { TENANT, startTraining } from './support/training-bed.ts';
import { createCounts } from './support/training-counts.ts';

const bed = await startTraining('p');
const { db, clock, failures, store, insertVersion, makeRewards, bytesOf } = bed;

const CONFIGURATION = { explorer: { kind: 'epsilon_greedy' }, learner: { bits: 10 } };
/** A process that is started again at once, after its leases have ended. */
const HOLDER = '0190a000-0000-7000-8000-00000000aaaa';
const worker = () => bed.createWorker({ holder: HOLDER });
const newestState = (version: string, configuration: object = CONFIGURATION) =>
  bed.newestState(version, configuration);

await insertVersion('steady', CONFIGURATION);
await insertVersion('restarted', CONFIGURATION);
await insertVersion('done', CONFIGURATION, 'retired');

test('an object store that refuses is tried again later, not at once, and nothing learned is lost', async () => {
  await makeRewards(5);
  const { counts, observe } = createCounts();
  const broken = bed.createWorker({
    holder: HOLDER,
    observe,
    store: {
      ...store,
      put: async () => {
        throw new Error('the bucket is away');
      },
    },
  });
  for (let i = 0; i < 20; i += 1) await broken.round();
  expect(counts.failed).toBe(2);
  clock.now += 1_001;
  for (let i = 0; i < 20; i += 1) await broken.round();
  expect(counts.failed).toBe(4);
  failures.length = 0;
  const one = worker();
  while (await one.round());
  expect((await newestState('steady')).position).toBe(5);
  await db.sql('delete from rlaas.checkpoints');
  await db.sql('delete from rlaas.training_log');
  await db.sql('delete from rlaas.rewards');
  clock.now += 10_000;
});

test('a version learns each reward once, in the order of deadlines; one that is done does not', async () => {
  await makeRewards(40);
  const one = worker();
  while (await one.round());
  clock.now += 10_000;
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
  clock.now += 10_000;
  await makeRewards(30);
  const [one, two] = [bed.createWorker(), bed.createWorker()];
  for (let i = 0; i < 6; i += 1) await Promise.all([one.round(), two.round()]);
  clock.now += 10_000;
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
  clock.now += 10_000;
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
  await insertVersion(`${kind}-steady`, configuration);
  await insertVersion(`${kind}-stopped`, configuration);
  const steady = worker();
  // As a trainer that is killed after each of its checkpoints.
  for (let i = 0; i < 3; i += 1) {
    await makeRewards(10);
    const stopped = worker();
    while ((await stopped.round()) || (await steady.round()));
    clock.now += 10_000;
    await stopped.round();
    await steady.round();
  }
  await db.sql('delete from rlaas.checkpoints where version = $1', [`${kind}-stopped`]);
  const anew = worker();
  while (await anew.round());
  clock.now += 10_000;
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
  const id = newId(clock.now);
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
  clock.now += 10_000;
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
  clock.now += 10_000;
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
  clock.now += 10_000;
  await one.round();
  expect(failures.map(String)).toContainEqual(expect.stringContaining('the newest checkpoint is damaged'));
  const [steady, restarted] = [await newestState('steady'), await newestState('restarted')];
  expect(steady).toEqual(restarted);
});

test('a reward that closes long after its deadline is learned within 10 s', async () => {
  const one = bed.createWorker();
  clock.now += 10_000;
  while (await one.round());
  const before = (await newestState('steady')).position;
  const id = await bed.insertDecision(1);
  await bed.insertReward(id, { status: 'final', value: 1, deadline: clock.now - 86_400_000 });
  clock.now += 10_000;
  while (await one.round());
  expect((await newestState('steady')).position).toBe(before + 1);
});
