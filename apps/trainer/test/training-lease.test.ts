import { newId } from '@rlaas/database';
import { beforeEach, expect, test } from 'vitest';
import { drain, startTraining } from './support/training-bed.ts';
import { createCounts } from './support/training-counts.ts';
import { type Lesson, uninterrupted } from './support/uninterrupted.ts';

const bed = await startTraining('p');
const { db, clock, failures, store, createWorker } = bed;
const CONFIGURATION = { explorer: { kind: 'bagging', models: 3 }, learner: { bits: 8 } };
await bed.insertVersion('v', CONFIGURATION);

let lessons: Lesson[] = [];
/** Rewards that are final, the one after the other. */
async function close(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const i = lessons.length;
    const id = await bed.insertDecision(i, newId(clock.now));
    await bed.insertReward(id, { status: 'final', value: Math.cos(i), deadline: clock.now + i });
    lessons.push({ id, value: Math.cos(i), data: bed.dataOf(i) });
  }
}
const epochOf = async (): Promise<number> => {
  const [row] = await db.sql<{ epoch: number }>('select epoch::int as epoch from rlaas.training_leases');
  return row?.epoch ?? 0;
};

beforeEach(async () => {
  lessons = [];
  for (const table of ['training_leases', 'checkpoints', 'training_log', 'rewards']) {
    await db.sql(`delete from rlaas.${table}`);
  }
});

test('of two trainers one learns, for as long as it goes on, and the other learns nothing', async () => {
  const [one, two] = [createCounts(), createCounts()];
  const [first, second] = [createWorker(one), createWorker(two)];
  await close(5);
  await first.round();
  // Ten minutes in which most rounds find nothing to learn: the lease lasts longer than it was first given.
  for (let round = 0; round < 120; round += 1) {
    if (round % 40 === 0) await close(5);
    await Promise.all([first.round(), second.round()]);
    clock.now += 5_000;
  }
  expect(one.counts).toMatchObject({ final: 20, replayed: 0, holds: 1 });
  expect(two.counts).toMatchObject({ final: 0, replayed: 0, holds: 0, written: 0 });
  expect(await epochOf()).toBe(1);
  expect(failures).toEqual([]);
});

test('two that begin at the same time learn each reward once, and one of them all', async () => {
  for (let turn = 0; turn < 10; turn += 1) {
    await db.sql('delete from rlaas.training_leases');
    const [one, two] = [createCounts(), createCounts()];
    await close(4);
    const workers = [createWorker(one), createWorker(two)];
    await Promise.all(workers.map((worker) => worker.round()));
    expect(new Set([one.counts.final, two.counts.final])).toEqual(new Set([0, 4]));
    // So that the next two need not learn again what is in the log.
    clock.now += 2_000;
    await Promise.all(workers.map((worker) => worker.round()));
  }
  expect(failures).toEqual([]);
});

test('a killed one is taken over when its lease runs out, not before, and to the same bits', async () => {
  const [one, two] = [createCounts(), createCounts()];
  const killed = createWorker(one);
  await close(10);
  await killed.round();
  // Learned and logged, but in no checkpoint.
  clock.now += 1_000;
  await close(7);
  await killed.round();
  await close(3);
  const heir = createWorker(two);
  const taken = clock.now;
  const [lease] = await db.sql<{ expires_at: Date }>('select expires_at from rlaas.training_leases');
  const expiry = lease?.expires_at.getTime() ?? 0;
  expect(expiry - taken).toBeGreaterThan(5_000);
  expect(expiry - taken).toBeLessThanOrEqual(10_000);
  clock.now = expiry - 1;
  await heir.round();
  expect(two.counts).toMatchObject({ final: 0, replayed: 0 });
  clock.now = expiry;
  await drain(heir, clock);
  expect(two.counts).toMatchObject({ final: 3, replayed: 7 });
  expect(await epochOf()).toBe(2);
  expect(await bed.newestState('v', CONFIGURATION)).toEqual({
    position: 20,
    state: uninterrupted(CONFIGURATION, lessons),
  });
  expect(failures).toEqual([]);
});

test('one that stood still while it stored a checkpoint registers nothing after another took over', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
  const { promise: stuck, resolve: arrived } = Promise.withResolvers<undefined>();
  const one = createCounts();
  const stopped = createWorker({
    observe: one.observe,
    store: {
      ...store,
      async put(...put) {
        arrived(undefined);
        await gate;
        return store.put(...put);
      },
    },
  });
  await close(5);
  const standing = stopped.round();
  await stuck;
  clock.now += 10_000;
  await close(5);
  const heir = createWorker();
  // A checkpoint of the first five, too: what the other one is about to register is not older.
  while (await heir.round());
  open(undefined);
  await standing;
  await stopped.round();
  expect(one.counts).toMatchObject({ final: 5, written: 0, holds: 0 });
  await drain(heir, clock);
  const registered = await db.sql<{ position: number }>(
    'select position::int as position from rlaas.checkpoints order by number',
  );
  expect(registered).toEqual([{ position: 5 }, { position: 10 }]);
  expect(failures).toEqual([]);
});

test('one that took its lease back from another goes on from what that one learned', async () => {
  const first = createWorker();
  await close(5);
  await first.round();
  clock.now += 10_000;
  await close(5);
  await createWorker().round();
  clock.now += 10_000;
  await close(5);
  await drain(first, clock);
  expect(await epochOf()).toBe(3);
  expect(await bed.newestState('v', CONFIGURATION)).toEqual({
    position: 15,
    state: uninterrupted(CONFIGURATION, lessons),
  });
});

test('one that stops leaves its versions to others at once', async () => {
  const [one, two] = [createCounts(), createCounts()];
  const first = createWorker(one);
  await close(3);
  await first.round();
  await first.release();
  await close(2);
  const second = createWorker(two);
  while (await second.round());
  expect(two.counts).toMatchObject({ final: 2, holds: 1 });
});
