import { newId } from '@rlaas/database';
import { type ObjectStore, listAll } from '@rlaas/object-store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCheckpointRetention } from '../src/training/checkpoint-retention.ts';
import { describeOnStores } from './support/object-stores.ts';
import { TENANT, drain, startTraining } from './support/training-bed.ts';
import { createCounts } from './support/training-counts.ts';
import { type Lesson, uninterrupted } from './support/uninterrupted.ts';

const bed = await startTraining('p');
const { db, clock, database } = bed;
const CONFIGURATION = { explorer: { kind: 'epsilon_greedy' }, learner: { bits: 8 } };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Kept {
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  pinned: boolean;
}

/** Numbers that are kept, said in another way than the trainer does. */
function keptOf(checkpoints: readonly Kept[], now: number): number[] {
  const keep = new Set(checkpoints.slice(-20).map(({ number }) => number));
  const last = (length: number, among: readonly Kept[]): void => {
    const byPeriod = new Map(among.map((one) => [Math.floor(one.at / length), one.number]));
    for (const number of byPeriod.values()) keep.add(number);
  };
  const hours = new Map(checkpoints.map((one) => [Math.floor(one.at / HOUR), one]));
  for (const { number, at } of hours.values()) if (at >= now - 7 * DAY) keep.add(number);
  last(DAY, checkpoints);
  for (const { number, pinned } of checkpoints) if (pinned) keep.add(number);
  return [...keep].toSorted((a, b) => a - b);
}

const folderOf = (version: string): string => `checkpoints/v1/tenant=${TENANT}/p/${version}/`;
const keysOf = (version: string, number: number): [string, string] => {
  const name = `${folderOf(version)}${String(number * 10).padStart(12, '0')}-0123456789abcdef`;
  return [`${name}.model.safetensors`, `${name}.resume.safetensors`];
};
async function insertCheckpoints(version: string, checkpoints: readonly Kept[]): Promise<void> {
  await db.sql(
    `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256, resume_key,
                                    resume_sha256, created_at, pinned)
     select $1, 'p', $2, n, n * 10, k, '', r, '', at, pinned
     from unnest($3::int[], $4::text[], $5::text[], $6::timestamptz[], $7::bool[]) as c (n, k, r, at, pinned)`,
    [
      TENANT,
      version,
      checkpoints.map(({ number }) => number),
      checkpoints.map(({ number }) => keysOf(version, number)[0]),
      checkpoints.map(({ number }) => keysOf(version, number)[1]),
      checkpoints.map(({ at }) => new Date(at)),
      checkpoints.map(({ pinned }) => pinned),
    ],
  );
}
const numbersOf = async (version: string): Promise<number[]> => {
  const rows = await db.sql<{ number: number }>(
    'select number from rlaas.checkpoints where version = $1 order by number',
    [version],
  );
  return rows.map(({ number }) => number);
};
const objectsOf = async (store: ObjectStore, version: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of listAll(store, folderOf(version))) keys.push(key);
  return keys;
};
const retentionOn = (store: ObjectStore, observe = createCounts().observe) =>
  createCheckpointRetention({ database, store, now: () => clock.now, observe });

/** A checkpoint every half hour for ten days, the last ones every 2 s, and some that are pinned. */
function history(now: number): Kept[] {
  const ages = [
    ...Array.from({ length: 100 }, (_, i) => 10 * DAY - i * 1.7 * HOUR),
    ...Array.from({ length: 40 }, (_, i) => 2 * HOUR - i * 2_000),
  ];
  return ages.map((age, i) => ({ number: i + 1, at: Math.round(now - age), pinned: i % 29 === 7 }));
}

test('kept are the last 20, one for each hour of 7 days, one for each day, and those that are pinned', async () => {
  await bed.insertVersion('rule', CONFIGURATION);
  const retention = retentionOn(bed.store);
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ age: fc.integer({ min: 0, max: 12 * 24 * 60 }), pinned: fc.boolean() }), {
        minLength: 30,
        maxLength: 120,
        size: 'max',
      }),
      fc.integer({ min: 1, max: 40 }),
      async (made, crowd) => {
        await db.sql("delete from rlaas.checkpoints where version = 'rule'");
        const checkpoints = made
          // Some periods with many of them, some with none.
          .map(({ age, pinned }) => ({
            at: clock.now - Math.floor((age / crowd) * 60_000),
            pinned: pinned && age % 5 === 0,
          }))
          .toSorted((a, b) => a.at - b.at)
          .map((one, i) => Object.assign(one, { number: i + 1 }));
        await insertCheckpoints('rule', checkpoints);
        await retention.round();
        const kept = keptOf(checkpoints, clock.now);
        expect(await numbersOf('rule')).toEqual(kept);
        removed += checkpoints.length - kept.length;
      },
    ),
    { numRuns: 40 },
  );
  expect(removed).toBeGreaterThan(100);
  await db.sql("delete from rlaas.checkpoints where version = 'rule'");
}, 60_000);

test('gateways hear of checkpoints that are removed, and of nothing else', async () => {
  await db.sql('create table public.heard (statement text)');
  await db.sql(
    `create function public.hear() returns trigger language plpgsql security definer
     as $$ begin insert into public.heard values (tg_op); return null; end $$`,
  );
  await db.sql(
    'create trigger hear after delete on rlaas.checkpoints for each statement execute function public.hear()',
  );
  await bed.insertVersion('quiet', CONFIGURATION);
  const numbers = Array.from({ length: 22 }, (_, i) => ({ number: i + 1, at: clock.now, pinned: false }));
  await insertCheckpoints('quiet', numbers.slice(0, 20));
  const retention = retentionOn(bed.store);
  await retention.round();
  expect(await db.sql('select * from public.heard')).toEqual([]);
  await insertCheckpoints('quiet', numbers.slice(20));
  await retention.round();
  expect(await db.sql('select * from public.heard')).toEqual([{ statement: 'DELETE' }]);
});

await describeOnStores((store, name) => {
  const label = name.toLowerCase().replaceAll(/[^a-z]/g, '');

  describe('objects', () => {
    test('go after their rows, and a crash in between leaves nothing that stays', async () => {
      const version = `crash-${label}`;
      await bed.insertVersion(version, CONFIGURATION);
      const checkpoints = history(clock.now);
      const kept = keptOf(checkpoints, clock.now);
      expect(kept.length).toBeGreaterThan(50);
      expect(kept.length).toBeLessThan(checkpoints.length);
      await insertCheckpoints(version, checkpoints);
      for (const { number } of checkpoints) {
        for (const key of keysOf(version, number)) await store.put(key, Buffer.from(key));
      }
      let deletions = 0;
      const dying: ObjectStore = {
        ...store,
        list: (prefix, options) => store.list(prefix, options),
        async delete(key) {
          deletions += 1;
          if (deletions > 7) throw new Error('killed');
          await store.delete(key);
        },
      };
      await expect(retentionOn(dying).round()).rejects.toThrow('killed');
      expect(await numbersOf(version)).toEqual(kept);
      const objects = kept.flatMap((number) => keysOf(version, number));
      const left = await objectsOf(store, version);
      expect(left.length).toBe(checkpoints.length * 2 - 7);
      // No row is without its objects at any time.
      expect(objects.filter((key) => !left.includes(key))).toEqual([]);
      const { counts, observe } = createCounts();
      await retentionOn(store, observe).round();
      expect(await objectsOf(store, version)).toEqual(objects);
      expect(counts).toMatchObject({ removed: 0, objects: left.length - objects.length });
    });

    test('of a round that failed are removed by the next one', async () => {
      const version = `again-${label}`;
      await bed.insertVersion(version, CONFIGURATION);
      const checkpoints = history(clock.now).slice(-30);
      let away = false;
      const flaky: ObjectStore = {
        ...store,
        delete: (key) => (away ? Promise.reject(new Error('the bucket is away')) : store.delete(key)),
      };
      const retention = retentionOn(flaky);
      await retention.round();
      await insertCheckpoints(version, checkpoints);
      for (const { number } of checkpoints) {
        for (const key of keysOf(version, number)) await store.put(key, Buffer.from(key));
      }
      away = true;
      await expect(retention.round()).rejects.toThrow('the bucket is away');
      away = false;
      await retention.round();
      expect(await objectsOf(store, version)).toEqual(
        keptOf(checkpoints, clock.now).flatMap((number) => keysOf(version, number)),
      );
    });

    test('that no row names go once an hour, but for those that may be registered yet', async () => {
      const version = `stray-${label}`;
      await bed.insertVersion(version, CONFIGURATION);
      await insertCheckpoints(version, [{ number: 5, at: clock.now, pinned: false }]);
      const named = keysOf(version, 5);
      const strange = `${folderOf(version)}notes.txt`;
      const [older, newer] = [keysOf(version, 4), keysOf(version, 6)];
      const beside = `${folderOf(version)}000000000050-fedcba9876543210.model.safetensors`;
      for (const key of [...named, ...newer, beside, strange]) await store.put(key, Buffer.from(key));
      const retention = retentionOn(store);
      await retention.round();
      for (const key of older) await store.put(key, Buffer.from(key));
      await retention.round();
      expect(await objectsOf(store, version)).toHaveLength(8);
      clock.now += HOUR;
      await retention.round();
      expect(new Set(await objectsOf(store, version))).toEqual(
        new Set([...named, ...newer, beside, strange]),
      );
    });
  });

  test('a trainer goes on from what is kept', async () => {
    const version = `whole-${label}`;
    await db.sql('delete from rlaas.rewards');
    await bed.insertVersion(version, CONFIGURATION);
    // The others of this file learn nothing.
    await db.sql("update rlaas.policy_versions set status = 'retired' where name <> $1", [version]);
    const lessons: Lesson[] = [];
    const close = async (): Promise<void> => {
      const i = lessons.length;
      const id = await bed.insertDecision(i, newId(clock.now));
      await bed.insertReward(id, { status: 'final', value: Math.cos(i), deadline: clock.now });
      lessons.push({ id, value: Math.cos(i), data: bed.dataOf(i) });
    };
    const worker = bed.createWorker({ store });
    const retention = retentionOn(store);
    for (let i = 0; i < 40; i += 1) {
      await close();
      await drain(worker, clock);
      await retention.round();
    }
    const numbers = await numbersOf(version);
    // One more where the hour ended meanwhile.
    expect(numbers.length - 20).toBeLessThanOrEqual(2);
    expect(await objectsOf(store, version)).toHaveLength(numbers.length * 2);
    await worker.release();
    const { counts, observe } = createCounts();
    await close();
    await drain(bed.createWorker({ store, observe }), clock);
    expect(counts).toMatchObject({ replayed: 0, final: 1, written: 1, failed: 0, damaged: 0 });
    expect(await bed.newestState(version, CONFIGURATION, store)).toEqual({
      position: 41,
      state: uninterrupted(CONFIGURATION, lessons),
    });
  });
});
