import { type JobQueue, createJobs, openJobQueue } from '@rlaas/database';
import type { Job, StartTrainingRun, TrainingRunResult } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import { lockVersion } from '../src/store/learning-versions.ts';
import { createLearningThread } from '../src/training-runs/learning-thread.ts';
import { type TrainingRunOptions, runTraining } from '../src/training-runs/run-training.ts';
import { trainingRunKind } from '../src/training-runs/training-run-kind.ts';
import { createTrainingRuns } from '../src/training-runs/training-runs.ts';
import { BEGIN, TENANT, startTrainingWorld } from './support/training-world.ts';

const world = await startTrainingWorld();
const { db, database, store, clock, makeDecisions, makeVersion, stateOf, logOf } = world;
const now = () => clock.now;
const failures: unknown[] = [];
const logged: { fields: object; message: string }[] = [];
const note = (fields: object, message: string): void => void logged.push({ fields, message });
const thread = createLearningThread();
const options: TrainingRunOptions = { database, store, thread, now, log: { info: note, warn: note } };
/** What runs are done with; a test may put something in their way. */
let current = options;
const queue: JobQueue = await openJobQueue({
  database,
  directUrl: db.url,
  applicationName: 'training runs',
  now,
  onError: (error) => failures.push(error),
  onFailed: (_job, error) => failures.push(error),
});
await queue.define(trainingRunKind);
await queue.work(trainingRunKind, (context) => runTraining(current, context));
afterAll(async () => {
  await queue.close();
  await thread.close();
  await world.close();
});
const jobs = createJobs({ database, now });
const runs = createTrainingRuns({ database, jobs, queue: () => queue });

const wantedOf = (version: string, over: Partial<StartTrainingRun> = {}): StartTrainingRun => ({
  policy: 'p',
  version,
  ...world.period(),
  passes: 1,
  ...over,
});
const start = (wanted: StartTrainingRun, idempotencyKey?: string) =>
  runs.start(TENANT, 'test', { wanted, idempotencyKey });
async function ended(wanted: StartTrainingRun): Promise<Job> {
  const started = await start(wanted);
  if (!('run' in started)) throw new Error(JSON.stringify(started));
  const { id } = started.run;
  await expect
    .poll(async () => (await jobs.find(TENANT, id))?.finished_at ?? null, { timeout: 20_000 })
    .not.toBeNull();
  const job = await jobs.find(TENANT, id);
  if (!job) throw new Error(`there is no job ${id}`);
  return job;
}
async function succeeded(wanted: StartTrainingRun): Promise<TrainingRunResult> {
  const job = await ended(wanted);
  expect(job).toMatchObject({ status: 'succeeded', error: null });
  return job.result as TrainingRunResult;
}
const nothingOf = async (version: string): Promise<boolean> => {
  const checkpoints = await db.sql('select from rlaas.checkpoints where version = $1', [version]);
  return checkpoints.length === 0 && (await logOf(version)).length === 0;
};

const KINDS = {
  squarecb: { explorer: { kind: 'squarecb' }, learner: { bits: 10 } },
  bagging: { explorer: { kind: 'bagging', models: 3 }, learner: { bits: 8, estimator: 'dr' } },
  cover: { explorer: { kind: 'cover', policies: 3 }, learner: { bits: 8 } },
  thompson: { explorer: { kind: 'thompson' }, learner: { bits: 8 } },
};
const IMPORT = '0190a000-0000-7000-8000-0000000000aa';
await makeDecisions(600);
await makeDecisions(40, { importId: IMPORT });
const [sticky] = await makeDecisions(1, { data: { sticky_of: TENANT } });
const [unusable] = await makeDecisions(1, { data: { propensity: 0 } });
await makeDecisions(7, { status: 'pending' });
await makeDecisions(560);

test.for(Object.entries(KINDS))(
  '%s learns to the same bits as while rewards come in',
  async ([kind, configuration]) => {
    await makeVersion(`${kind}-live`, configuration, 'shadow');
    await makeVersion(`${kind}-batch`, configuration);
    expect((await world.learnIncrementally()).map(String)).toEqual([
      `Error: decision ${unusable} cannot be learned from`,
    ]);
    const result = await succeeded(wantedOf(`${kind}-batch`));
    expect(result).toEqual({
      decisions: 1_201,
      unusable: 1,
      open_windows: 7,
      mean_loss: expect.any(Number),
      seconds: expect.any(Number),
      checkpoint: 1,
    });
    const log = await logOf(`${kind}-batch`);
    expect(log).toEqual(await logOf(`${kind}-live`));
    expect(log).not.toContain(sticky);
    const [live, batch] = [await stateOf(`${kind}-live`), await stateOf(`${kind}-batch`)];
    expect(batch.state).toEqual(live.state);
    expect([batch.number, batch.position, batch.state.counters.decisions]).toEqual([1, 1_201, 1_200]);
    await db.sql("update rlaas.policy_versions set status = 'retired' where name = $1", [`${kind}-live`]);
  },
);

test('in shadow it goes on from there to the same bits, and learns nothing again', async () => {
  await db.sql("update rlaas.policy_versions set status = 'shadow' where name = 'squarecb-live'");
  const { moves } = createPolicies({ database, now });
  expect(await moves.shadow(TENANT, 'test', 'p', 'squarecb-batch')).toMatchObject({ outcome: 'moved' });
  await makeDecisions(60);
  await world.learnIncrementally();
  const log = await logOf('squarecb-batch');
  expect([log.length, new Set(log).size]).toEqual([1_261, 1_261]);
  expect(log).toEqual(await logOf('squarecb-live'));
  const [live, batch] = [await stateOf('squarecb-live'), await stateOf('squarecb-batch')];
  expect([batch.number, batch.position]).toEqual([2, 1_261]);
  expect(batch.state).toEqual(live.state);
  await db.sql("update rlaas.policy_versions set status = 'retired' where status = 'shadow'");
});

test('passes are counted in what was learned, not in the log; the same run gives the same bits', async () => {
  await makeVersion('thrice', KINDS.squarecb);
  await makeVersion('thrice-again', KINDS.squarecb);
  const first = await succeeded(wantedOf('thrice', { passes: 3 }));
  const second = await succeeded(wantedOf('thrice-again', { passes: 3 }));
  const [one, other] = [await stateOf('thrice'), await stateOf('thrice-again')];
  expect(other.state).toEqual(one.state);
  expect([one.position, one.state.counters.decisions]).toEqual([first.decisions, (first.decisions - 1) * 3]);
  expect(second.mean_loss).toBe(first.mean_loss);
  const [row] = await db.sql(
    "select metadata ->> 'passes' as passes from rlaas.checkpoints where version = 'thrice'",
  );
  expect(row).toEqual({ passes: '3' });
});

test('only decisions of the period are learned', async () => {
  await makeVersion('part', KINDS.squarecb);
  const [from, to] = [BEGIN + 10_000, BEGIN + 30_000].map((ms) => new Date(ms).toISOString());
  expect(await succeeded(wantedOf('part', { from: from ?? '', to: to ?? '' }))).toMatchObject({
    decisions: 20,
    unusable: 0,
    open_windows: 0,
  });
});

test('the same idempotency key is the same run, also once it has ended; lists show it', async () => {
  await makeVersion('keyed', KINDS.squarecb);
  const wanted = wantedOf('keyed');
  // Lists are in the order of ids, which have milliseconds.
  clock.now += 10;
  const first = await start(wanted, 'once');
  if (!('run' in first)) throw new Error(JSON.stringify(first));
  const { id } = first.run;
  await expect.poll(async () => (await jobs.find(TENANT, id))?.status, { timeout: 20_000 }).toBe('succeeded');
  expect(await start(wanted, 'once')).toMatchObject({ outcome: 'known', run: { id, status: 'succeeded' } });
  const [newest] = await runs.list(TENANT, { status: 'succeeded' }, { after: undefined, limit: 1 });
  expect(newest).toMatchObject({ id, kind: 'training_run', input: wanted, result: { checkpoint: 1 } });
  expect(await runs.list(TENANT, { status: 'failed' }, { after: undefined, limit: 1 })).toEqual([]);
});

test('what cannot be is refused with the reason before anything begins', async () => {
  await makeVersion('fresh', KINDS.squarecb);
  await makeVersion('learning', KINDS.squarecb, 'shadow');
  const refusals: string[] = [];
  for (const wanted of [
    wantedOf('nobody'),
    wantedOf('learning'),
    wantedOf('keyed'),
    wantedOf('fresh', { from: '2020-01-01T00:00:00.000Z', to: '2020-02-01T00:00:00.000Z' }),
  ]) {
    const answer = await start(wanted);
    if (answer.outcome === 'refused') refusals.push(`${answer.refusal.code}: ${answer.refusal.message}`);
  }
  expect(refusals).toEqual([
    'not_found: Policy "p" has no version "nobody".',
    'conflict: Version "learning" is shadow; a training run gives a draft its first checkpoint. Make a version with another name.',
    'conflict: Version "keyed" has learned already. Make a version with another name.',
    'conflict: No decision that policy "p" made from 2020-01-01T00:00:00.000Z to 2020-02-01T00:00:00.000Z has a final reward that could be learned from.',
  ]);
  await db.sql("update rlaas.policy_versions set status = 'retired' where name = 'learning'");
});

test('a period in which nothing can be learned from ends with the reason, and stores nothing', async () => {
  const at = 642;
  const period = [at - 1, at].map((second) => new Date(BEGIN + second * 1_000).toISOString());
  logged.length = 0;
  expect(await ended(wantedOf('fresh', { from: period[0] ?? '', to: period[1] ?? '' }))).toMatchObject({
    status: 'failed',
    error: { code: 'conflict', message: expect.stringContaining('None of the 1 decisions') },
  });
  expect(logged).toContainEqual({
    fields: expect.objectContaining({ decision: unusable, version: 'fresh' }),
    message: 'a decision cannot be learned from',
  });
  expect(await nothingOf('fresh')).toBe(true);
});

test('a version that went into shadow meanwhile is left as it is', async () => {
  const { moves } = createPolicies({ database, now });
  current = {
    ...options,
    store: {
      async put(...given) {
        await moves.shadow(TENANT, 'test', 'p', 'fresh');
        return store.put(...given);
      },
    },
  };
  expect(await ended(wantedOf('fresh'))).toMatchObject({
    status: 'failed',
    error: { code: 'conflict', message: expect.stringContaining('"fresh" is shadow') },
  });
  current = options;
  expect(await nothingOf('fresh')).toBe(true);
  await db.sql("update rlaas.policy_versions set status = 'draft' where name = 'fresh'");
});

test('one that is cancelled ends at its next step and stores nothing', async () => {
  let [looks, id] = [0, ''];
  const cancelled = Promise.withResolvers<unknown>();
  current = {
    ...options,
    now: () => {
      looks += 1;
      if (looks === 10) cancelled.resolve(jobs.cancel(TENANT, id));
      // A second later each time, so that every chunk is a step.
      clock.now += 1_000;
      return clock.now;
    },
    log: {
      info: (fields) => ({ training_run: id } = fields as { training_run: string }),
      warn: () => undefined,
    },
  };
  const job = await ended(wantedOf('fresh', { passes: 20 }));
  await cancelled.promise;
  current = options;
  expect(job).toMatchObject({ status: 'cancelled', result: null, progress: { unit: 'decisions' } });
  expect(job.progress?.done).toBeGreaterThan(0);
  expect(job.progress?.done).toBeLessThan(job.progress?.total ?? 0);
  expect(await nothingOf('fresh')).toBe(true);
});

test('of two runs for a version one teaches it, and the other one is refused', async () => {
  await makeVersion('raced', KINDS.squarecb);
  const second = await openJobQueue({
    database,
    directUrl: db.url,
    applicationName: 'second trainer',
    now,
    onError: (error) => failures.push(error),
    onFailed: (_job, error) => failures.push(error),
  });
  // Both have learned all of it before one of them may store something.
  const [arrived, both] = [new Set<string>(), Promise.withResolvers<void>()];
  const meeting = (name: string): TrainingRunOptions => ({
    ...options,
    store: {
      async put(...given) {
        if (arrived.add(name).size === 2) both.resolve();
        await both.promise;
        return store.put(...given);
      },
    },
  });
  current = meeting('first');
  await second.work(trainingRunKind, (context) => runTraining(meeting('second'), context));
  const done = await Promise.all([ended(wantedOf('raced')), ended(wantedOf('raced'))]);
  current = options;
  await second.close();
  expect(done.map(({ status, error }) => error?.message ?? status).toSorted()).toEqual([
    'Version "raced" has learned already. Make a version with another name.',
    'succeeded',
  ]);
  expect([(await stateOf('raced')).number, (await logOf('raced')).length]).toEqual([
    1,
    (await stateOf('raced')).position,
  ]);
});

test('a version goes into shadow only before or after a run stores what it learned', async () => {
  await makeVersion('locked', KINDS.squarecb);
  const { moves } = createPolicies({ database, now });
  let over = false;
  let moving: Promise<unknown> = Promise.resolve();
  await database.transaction({ role: 'rlaas_worker', tenants: [TENANT] }, async (tx) => {
    await lockVersion(tx, { tenant_id: TENANT, policy: 'p', version: 'locked' });
    moving = moves.shadow(TENANT, 'test', 'p', 'locked').finally(() => (over = true));
    await expect
      .poll(() => db.sql("select from pg_locks where locktype = 'advisory' and not granted"), {
        timeout: 5_000,
      })
      .toHaveLength(1);
    expect(over).toBe(false);
  });
  expect(await moving).toMatchObject({ outcome: 'moved' });
  await db.sql("update rlaas.policy_versions set status = 'retired' where name = 'locked'");
});

test('one whose end was not noted is not done again', async () => {
  const result = { decisions: 3, unusable: 0, open_windows: 0, mean_loss: 0.5, seconds: 1, checkpoint: 1 };
  const again = await runTraining(options, {
    tenantId: TENANT,
    id: TENANT,
    input: wantedOf('keyed'),
    state: { result },
    signal: new AbortController().signal,
    checkpoint: () => Promise.reject(new Error('nothing is stored')),
  });
  expect(again).toEqual(result);
});

test('decisions that are removed while they are learned end the run', async () => {
  const [gone] = await makeDecisions(1);
  let removed: Promise<unknown> = Promise.resolve();
  current = {
    ...options,
    log: {
      info: () => {
        removed = db.sql('delete from rlaas.events where id = $1', [gone]);
      },
      warn: () => undefined,
    },
  };
  expect(await ended(wantedOf('fresh', { passes: 20 }))).toMatchObject({
    status: 'failed',
    error: { message: 'Decisions of the period were removed while it was learned. Start another run.' },
  });
  await removed;
  current = options;
  expect(await nothingOf('fresh')).toBe(true);
  await db.sql('delete from rlaas.rewards where decision_id = $1', [gone]);
});

test('only what was refused failed', () => {
  expect(failures.filter((error) => !(error instanceof Error && error.name === 'JobRefused'))).toEqual([]);
  expect(failures.length).toBeGreaterThan(0);
});
