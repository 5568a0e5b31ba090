import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { type JobContext, JobRefused } from '../src/jobs/job-kind.ts';
import { type JobQueue, openJobQueue } from '../src/jobs/job-queue.ts';
import { createJobs } from '../src/jobs/jobs.ts';
import { takeJob } from '../src/jobs/job-rows.ts';
import { newId } from '../src/ids.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 6,
  applicationName: 'jobs',
  onIdleError: () => undefined,
});
const now = Date.now;
const failures: unknown[] = [];
const queues: JobQueue[] = [];
const open = async (): Promise<JobQueue> => {
  const queue = await openJobQueue({
    database,
    directUrl: db.url,
    applicationName: 'jobs',
    now,
    onError: (error) => failures.push(error),
    onFailed: (_job, error) => failures.push(error),
  });
  queues.push(queue);
  return queue;
};
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  await database.close();
});
const jobs = createJobs({ database, now });
const number = { parse: (value: unknown) => Number(value) };
const kindOf = (name: string) => ({ name, input: number, state: number });
const asked = (input: number, idempotencyKey?: string) => ({
  tenantId: TENANT,
  actor: 'test',
  input,
  idempotencyKey,
});
/** Counts to its input, a step a transaction. */
async function count(
  context: JobContext<number, number>,
  step: (at: number) => Promise<void>,
): Promise<object> {
  for (let at = (context.state ?? 0) + 1; at <= context.input; at += 1) {
    await step(at);
    context.signal.throwIfAborted();
    await database.transaction({ role: 'rlaas_worker', tenants: [TENANT] }, (tx) =>
      context.checkpoint(tx, at, { done: at, total: context.input, unit: 'steps' }),
    );
  }
  return { counted: context.input };
}
async function ended(id: string): Promise<void> {
  await expect
    .poll(async () => (await jobs.find(TENANT, id))?.status, { timeout: 40_000, interval: 100 })
    .not.toMatch(/queued|running/);
}

test('a job is done, and its row tells how far it came', async () => {
  const queue = await open();
  const kind = kindOf('counting');
  await queue.define(kind);
  await queue.define(kind);
  const { job, isNew } = await queue.start(kind, asked(3, 'once'));
  expect(isNew).toBe(true);
  expect(job).toMatchObject({ kind: 'counting', status: 'queued', input: 3, progress: null, result: null });
  expect(await queue.start(kind, asked(3, 'once'))).toMatchObject({ isNew: false, job: { id: job.id } });
  const steps: number[] = [];
  await queue.work(kind, (context) => count(context, async (at) => void steps.push(at)));
  await ended(job.id);
  expect(await jobs.find(TENANT, job.id)).toMatchObject({
    status: 'succeeded',
    progress: { done: 3, total: 3, unit: 'steps' },
    result: { counted: 3 },
    error: null,
    started_at: expect.any(String),
    finished_at: expect.any(String),
  });
  expect(steps).toEqual([1, 2, 3]);
  expect(
    (await jobs.list(TENANT, { kind: 'counting' }, { after: undefined, limit: 10 })).map(({ id }) => id),
  ).toEqual([job.id]);
  expect(await jobs.find(newId(now()), job.id)).toBeUndefined();
});

test('one that waits is cancelled at once, one that runs at its next step', async () => {
  const queue = await open();
  const kind = kindOf('cancelled');
  await queue.define(kind);
  const waiting = await queue.start(kind, asked(1));
  expect(await jobs.cancel(TENANT, waiting.job.id)).toMatchObject({ status: 'cancelled' });
  const running = await queue.start(kind, asked(1_000));
  await queue.work(kind, (context) =>
    count(context, async (at) => {
      if (at === 5) await jobs.cancel(TENANT, running.job.id);
    }),
  );
  await ended(running.job.id);
  expect(await jobs.find(TENANT, running.job.id)).toMatchObject({
    status: 'cancelled',
    progress: { done: 4 },
    cancel_requested_at: expect.any(String),
  });
  expect(await jobs.find(TENANT, waiting.job.id)).toMatchObject({ started_at: null });
});

test('one that fails says why, and what is nobody else’s business is only logged', async () => {
  const queue = await open();
  const kind = kindOf('failing');
  await queue.define(kind);
  await queue.work(kind, ({ input }) => {
    throw input === 1 ? new JobRefused('too_old', 'There is nothing from then.') : new Error('secret');
  });
  const [refused, broken] = [await queue.start(kind, asked(1)), await queue.start(kind, asked(2))];
  await ended(refused.job.id);
  await ended(broken.job.id);
  expect(await jobs.find(TENANT, refused.job.id)).toMatchObject({
    status: 'failed',
    error: { code: 'too_old', message: 'There is nothing from then.' },
  });
  expect((await jobs.find(TENANT, broken.job.id))?.error).toMatchObject({
    code: 'internal_error',
    message: expect.not.stringContaining('secret'),
  });
  expect(failures.splice(0)).toHaveLength(2);
});

test('a service that stops gives its job to another one, which goes on from where it was', async () => {
  const [first, second] = [await open(), await open()];
  const kind = kindOf('handed-over'.replace('-', '_'));
  await first.define(kind);
  const { job } = await first.start(kind, asked(8));
  const steps: number[] = [];
  const reached = Promise.withResolvers<void>();
  await first.work(kind, (context) =>
    count(context, async (at) => {
      steps.push(at);
      if (at !== 4) return;
      reached.resolve();
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    }),
  );
  await reached.promise;
  await first.close();
  await second.work(kind, (context) => count(context, async (at) => void steps.push(at)));
  await ended(job.id);
  expect(await jobs.find(TENANT, job.id)).toMatchObject({ status: 'succeeded', result: { counted: 8 } });
  // The step that was begun and not stored is done again.
  expect(steps).toEqual([1, 2, 3, 4, 4, 5, 6, 7, 8]);
});

test('a worker that lost its job stores nothing more', async () => {
  const queue = await open();
  const kind = kindOf('taken_over');
  await queue.define(kind);
  const { job } = await queue.start(kind, asked(5));
  await queue.work(kind, (context) =>
    count(context, async (at) => {
      if (at !== 3) return;
      // Somebody else takes it, as after a heartbeat that did not come.
      await database.transaction({ role: 'rlaas_worker', tenants: [TENANT] }, (tx) =>
        takeJob(tx, TENANT, job.id, now()),
      );
    }),
  );
  await expect
    .poll(async () => (await jobs.find(TENANT, job.id))?.progress?.done, { timeout: 10_000 })
    .toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await jobs.find(TENANT, job.id)).toMatchObject({
    status: 'running',
    progress: { done: 2 },
    result: null,
  });
});
