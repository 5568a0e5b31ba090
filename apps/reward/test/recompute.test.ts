import { type JobQueue, createJobs, openJobQueue } from '@rlaas/database';
import type { RecomputedRewards } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { createRecomputations } from '../src/recomputing/recomputations.ts';
import { recomputeKind } from '../src/recomputing/recompute-kind.ts';
import { recompute } from '../src/recomputing/recompute.ts';
import { TENANT } from './support/event-store.ts';
import { definition, makeHistory, randomOf } from './support/history.ts';
import { startRewarding } from './support/rewarding.ts';

const POLICY = 'desk';
const { db, database, clock, createWorker, store, specify, settle, rewards } = await startRewarding(POLICY);
const now = (): number => clock.now;
const worker = createWorker();
const failures: unknown[] = [];
const open = (): Promise<JobQueue> =>
  openJobQueue({
    database,
    directUrl: db.url,
    applicationName: 'reward',
    now,
    onError: (error) => failures.push(error),
    onFailed: (_job, error) => failures.push(error),
  });
const queue = await open();
await queue.define(recomputeKind);
await queue.work(recomputeKind, (context) => recompute({ database, now }, context));
afterAll(() => queue.close());
const recomputations = createRecomputations({ database, queue: () => queue });
const jobs = createJobs({ database, now });

const period = {
  from: new Date(clock.now - 3_600_000).toISOString(),
  to: new Date(clock.now + 3_600_000).toISOString(),
};
async function run(version: number, over: object = {}): Promise<RecomputedRewards> {
  const wanted = { ...period, version, dry_run: false, decisions_per_second: 100_000, ...over };
  const started = await recomputations.start(TENANT, 'test', {
    policy: POLICY,
    wanted,
    idempotencyKey: undefined,
  });
  if (!('job' in started)) throw new Error(started.outcome);
  const { id } = started.job;
  await expect.poll(async () => (await jobs.find(TENANT, id))?.status, { timeout: 20_000 }).toBe('succeeded');
  return (await jobs.find(TENANT, id))?.result as RecomputedRewards;
}

await specify(definition);
await store(...makeHistory(randomOf(7), clock.now, 120));
clock.now += 60_000;
await settle(worker);
const first = await rewards();

test('by the version that they have nothing changes, to the bit', async () => {
  const result = await run(1);
  expect(result).toMatchObject({
    decisions: 120,
    written: 0,
    there: 120,
    differing: 0,
    comparison: { changed: 0, mean_difference: 0, transitions: {} },
  });
  expect(await rewards()).toEqual(first);
});

test('another version makes new rewards beside the old ones, of which nothing is learned', async () => {
  await specify({ ...definition, default: { value: -0.5 }, value: '0.25' }, 2, new Date(clock.now));
  const tried = await run(2, { dry_run: true });
  expect(tried).toMatchObject({ decisions: 120, written: 0, there: 0 });
  expect(await rewards()).toEqual(first);

  const result = await run(2);
  expect(result).toEqual({ ...tried, written: 120 });
  expect(result.comparison.from.decisions).toBe(120);
  expect(result.comparison.changed).toBeGreaterThan(0);
  const all = await rewards();
  expect(all.filter(({ spec_version: version }) => version === 1)).toEqual(first);
  const made = all.filter(({ spec_version: version }) => version === 2);
  expect(made).toHaveLength(120);
  expect(made.every(({ recomputed, status }) => recomputed && status !== 'pending')).toBe(true);
  expect(await run(2)).toMatchObject({ written: 0, there: 120, differing: 0 });
});

test('decisions without a reward get one to learn from', async () => {
  const at = clock.now;
  await db.sql(
    `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                               source, data, fingerprint, batch_id, ordinal)
     select $1, overlay(gen_random_uuid()::text placing left(id::text, 15) from 1)::uuid, 'decision', 1, $2, $2,
            'desk', id, 'test', '{}', '00112233445566778899aabbccddeeff', 1, 1
     from rlaas.events where type = 'decision' and policy = 'desk' limit 1`,
    [TENANT, new Date(at - 30_000)],
  );
  expect(await run(2)).toMatchObject({ written: 1, there: 120 });
  const added = (await rewards()).filter(
    ({ recomputed, spec_version: version }) => !recomputed && version === 2,
  );
  expect(added).toMatchObject([{ status: 'defaulted', value: -0.5 }]);
});

test('a version that is not there is told before anything begins', async () => {
  const wanted = { ...period, version: 9, dry_run: true, decisions_per_second: 1 };
  expect(await recomputations.start(TENANT, 'test', { policy: POLICY, wanted, idempotencyKey: 'x' })).toEqual(
    {
      outcome: 'no_version',
    },
  );
  expect(failures).toEqual([]);
});

test('one that is stopped in the middle goes on from there and finds the same', async () => {
  await specify({ ...definition, value: '0.125' }, 3, new Date(clock.now));
  // Some hundred decisions more, so that there are several steps.
  const at = clock.now;
  await store(...makeHistory(randomOf(8), at, 1_100));
  clock.now += 60_000;
  await settle(worker);
  const wanted = { ...period, version: 2, dry_run: true, decisions_per_second: 1_000 };
  const started = await recomputations.start(TENANT, 'test', {
    policy: POLICY,
    wanted,
    idempotencyKey: 'stopped',
  });
  if (!('job' in started)) throw new Error(started.outcome);
  const { id } = started.job;
  await expect
    .poll(async () => (await jobs.find(TENANT, id))?.progress?.done ?? 0, { timeout: 10_000 })
    .toBeGreaterThan(0);
  await queue.close();
  expect((await jobs.find(TENANT, id))?.status).toBe('running');
  const other = await open();
  await other.work(recomputeKind, (context) => recompute({ database, now }, context));
  await expect.poll(async () => (await jobs.find(TENANT, id))?.status, { timeout: 20_000 }).toBe('succeeded');
  await other.close();
  const result = (await jobs.find(TENANT, id))?.result as RecomputedRewards;
  expect(result.decisions).toBe(1_221);
  expect(result.comparison.to.decisions).toBe(1_221);
});
