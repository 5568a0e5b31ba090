import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@rlaas/database';
import { type ObjectStore, ObjectStoreError } from '@rlaas/object-store';
import { beforeEach, describe, expect, test } from 'vitest';
import { drain, startTraining } from './support/training-bed.ts';
import { createCounts } from './support/training-counts.ts';
import { type Lesson, uninterrupted } from './support/uninterrupted.ts';

const bed = await startTraining('p');
const { db, clock, failures, store } = bed;
const CONFIGURATION = { explorer: { kind: 'cover', policies: 2 }, learner: { bits: 8 } };
await bed.insertVersion('v', CONFIGURATION);

let lessons: Lesson[] = [];
let made = 0;
async function close(value: number): Promise<string> {
  made += 1;
  const id = await bed.insertDecision(made, newId(clock.now));
  await bed.insertReward(id, { status: 'final', value, deadline: clock.now + made });
  if (Number.isFinite(value)) lessons.push({ id, value, data: bed.dataOf(made) });
  return id;
}

/** Messages of what was told, with their causes. */
const told = (): string[] =>
  failures.map((error) => {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  });

interface Row {
  number: number;
  position: number;
  object_key: string;
  resume_key: string;
}
const checkpoints = (): Promise<Row[]> =>
  db.sql<Row>(
    'select number, position::int as position, object_key, resume_key from rlaas.checkpoints order by number',
  );
async function newest(): Promise<Row> {
  const row = (await checkpoints()).at(-1);
  if (!row) throw new Error('there is no checkpoint');
  return row;
}

beforeEach(async () => {
  lessons = [];
  failures.length = 0;
  for (const table of ['training_leases', 'checkpoints', 'training_log', 'rewards']) {
    await db.sql(`delete from rlaas.${table}`);
  }
});

describe('a checkpoint', () => {
  /** Learns, stops, damages the newest checkpoint, and starts again. */
  async function afterDamage(damage: (row: Row) => Promise<void> | void) {
    const before = bed.createWorker();
    for (let i = 0; i < 12; i += 1) await close(Math.cos(i));
    await drain(before, clock);
    await before.release();
    const damaged = await newest();
    await damage(damaged);
    const { counts, observe } = createCounts();
    await drain(bed.createWorker({ observe }), clock);
    return { counts, damaged };
  }

  test.each<[string, (row: Row) => Promise<void> | void, string]>([
    [
      'whose bytes on the disk have changed',
      ({ object_key: key }) => flipByte(join(bed.root, key)),
      'is damaged',
    ],
    ['whose object is gone', ({ resume_key: key }) => store.delete(key), 'there is no object'],
    [
      'that was cut short',
      async ({ object_key: key }) => {
        const bytes = await bed.bytesOf(key);
        await store.put(key, bytes.subarray(0, bytes.length - 8));
      },
      'array .* is cut off',
    ],
    [
      'of which one file is that of another one',
      async ({ object_key: key, resume_key: resume }) => {
        await store.put(resume, await bed.bytesOf(key));
      },
      'this is the part model, not resume',
    ],
  ])('%s is refused with the reason, and a good one takes its place', async (_, damage, reason) => {
    const { counts, damaged } = await afterDamage(damage);
    expect(told()).toEqual([expect.stringMatching(`^the newest checkpoint is damaged: .*: .*${reason}`)]);
    expect(counts).toMatchObject({ damaged: 1, replayed: 12, final: 0, written: 1, failed: 0, refused: [] });
    // It learned no more than that one, and is another one all the same.
    expect(await newest()).toMatchObject({ number: damaged.number + 1, position: 12 });
    const state = uninterrupted(CONFIGURATION, lessons);
    expect(await bed.newestState('v', CONFIGURATION)).toEqual({ position: 12, state });
    // Who starts now has nothing to complain of.
    failures.length = 0;
    clock.now += 10_000;
    const after = createCounts();
    await drain(bed.createWorker(after), clock);
    expect([told(), after.counts.replayed]).toEqual([[], 0]);
  });

  test('is not taken for damaged when the object store does not answer', async () => {
    const before = bed.createWorker();
    await close(1);
    await drain(before, clock);
    await before.release();
    let away = true;
    const flaky: ObjectStore = {
      ...store,
      get: (key) =>
        away ? Promise.reject(new ObjectStoreError('store_unavailable', 'away')) : store.get(key),
    };
    const { counts, observe } = createCounts();
    const worker = bed.createWorker({ observe, store: flaky });
    await worker.round();
    expect(counts).toMatchObject({ damaged: 0, failed: 1, replayed: 0 });
    away = false;
    clock.now += 1_000;
    await worker.round();
    expect(counts).toMatchObject({ damaged: 0, failed: 1, replayed: 0, holds: 1 });
  });
});

describe('a reward', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'of %s is refused with the reason, counted once and never learned',
    async (value) => {
      await close(0.5);
      const id = await close(value);
      await close(0.25);
      const { counts, observe } = createCounts();
      const worker = bed.createWorker({ observe });
      await drain(worker, clock);
      expect(told()).toEqual([`decision ${id} cannot be learned from: its reward is ${value}`]);
      expect(counts).toMatchObject({ final: 2, refused: ['reward_not_finite'], failed: 0 });
      const expected = { position: 3, state: uninterrupted(CONFIGURATION, lessons) };
      expect(expected.state.counters.decisions).toBe(2);
      expect(await bed.newestState('v', CONFIGURATION)).toEqual(expected);
      // Learned again from the log, and refused again: it is told, and counted no more.
      await worker.release();
      await db.sql('delete from rlaas.checkpoints');
      const again = createCounts();
      await drain(bed.createWorker(again), clock);
      expect(again.counts).toMatchObject({ final: 0, replayed: 3, refused: [] });
      expect(await bed.newestState('v', CONFIGURATION)).toEqual(expected);
    },
  );

  test('of a decision that is not stored any more holds nothing up when the log is learned again', async () => {
    const gone = await close(0.5);
    await close(0.25);
    const worker = bed.createWorker();
    await drain(worker, clock);
    await worker.release();
    await db.sql('delete from rlaas.checkpoints');
    await db.sql('delete from rlaas.events where id = $1', [gone]);
    const { counts, observe } = createCounts();
    await close(0.75);
    await drain(bed.createWorker({ observe }), clock);
    expect(told()).toEqual([expect.stringContaining(`decision ${gone} cannot be learned from`)]);
    expect(counts).toMatchObject({ replayed: 2, final: 1, failed: 0 });
    const { position, state } = await bed.newestState('v', CONFIGURATION);
    expect([position, state]).toEqual([3, uninterrupted(CONFIGURATION, lessons.slice(1))]);
  });
});

/** Changes one byte of an object of the directory, as a failing disk would. */
function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 20;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}
