import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Journal } from './journal.ts';
import { FailingFiles } from './testing/failing-files.ts';
import { OTHER, TENANT, idOf, jsonOf, open, range, shipAll, testFolder } from './testing/test-journal.ts';

const append = (journal: Journal, number: number, tenant = TENANT): Promise<void> =>
  journal.append(tenant, idOf(number), jsonOf(number, number % 50));
/** Whether each was written. */
const outcomes = async (written: Promise<void>[]): Promise<boolean[]> =>
  (await Promise.allSettled(written)).map(({ status }) => status === 'fulfilled');
const numbersOf = async (journal: Journal): Promise<number[]> =>
  (await shipAll(journal)).map(([, number]) => number);

describe('groups', () => {
  test('one write for a turn, and one sync; what comes while the disk syncs is the next group', async () => {
    const files = new FailingFiles();
    const journal = open(testFolder(), { files, fsync: 'always' });
    await append(journal, 0);
    files.writes = 0;
    files.syncs = 0;
    files.holdSync = true;
    const first = range(50, 1).map((number) => append(journal, number));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const second = range(50, 51).map((number) => append(journal, number));
    expect([files.writes, files.syncs]).toEqual([1, 1]);
    expect(journal.waiting().entries).toBe(1);
    expect(await numbersOf(journal)).toEqual([0]);
    files.release();
    expect(await journal.find(TENANT, idOf(60))).toBe(jsonOf(60, 10));
    await Promise.all([...first, ...second]);
    expect([files.writes, files.syncs]).toEqual([2, 2]);
    expect(await numbersOf(journal)).toEqual(range(100, 1));
  });

  test('a segment is closed by its size, also between two groups of which one is being synced', async () => {
    const files = new FailingFiles();
    const folder = testFolder();
    const journal = open(folder, { files, fsync: 'always', segmentBytes: 500 });
    files.holdSync = true;
    const first = range(10).map((number) => append(journal, number));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const second = range(10, 10).map((number) => append(journal, number));
    files.release();
    await Promise.all([...first, ...second]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.log'))).toHaveLength(2);
    expect(await numbersOf(journal)).toEqual(range(20));
  });

  test('a decision with a wrong id leaves no trace', async () => {
    const journal = open(testFolder());
    const [wrong, right] = [journal.append(TENANT, 'x', '{}'), append(journal, 1)];
    await expect(wrong).rejects.toThrow(TypeError);
    await right;
    await expect(journal.append('nobody', idOf(2), '{}')).rejects.toThrow(TypeError);
    expect(await numbersOf(journal)).toEqual([1]);
  });
});

describe('a disk that refuses', () => {
  test.each(['never', 'always'] as const)(
    'full at any byte (fsync %s): none of the group is ever shipped or found, and later it goes on',
    async (fsync) => {
      const files = new FailingFiles();
      const folder = testFolder();
      const journal = open(folder, { files, fsync });
      await append(journal, 0);
      const kept = [0];
      for (let room = 0; room < 400; room += 13) {
        const numbers = range(3, 1_000 * (room + 1));
        files.room = room;
        const written = await outcomes(numbers.map((number) => append(journal, number)));
        files.room = Number.POSITIVE_INFINITY;
        if (written[0] === true) kept.push(...numbers);
        expect(new Set(written).size).toBe(1);
        for (const number of numbers)
          expect(journal.find(TENANT, idOf(number)) !== undefined).toBe(written[0]);
        await append(journal, room + 1);
        kept.push(room + 1);
      }
      await journal.close();
      const again = open(folder);
      expect([again.torn, again.damage]).toEqual([[], []]);
      expect(await numbersOf(again)).toEqual(kept);
    },
  );

  test('a sync that fails fails its group and the one behind it; both are gone after a restart too', async () => {
    const files = new FailingFiles();
    const folder = testFolder();
    const journal = open(folder, { files, fsync: 'always' });
    await append(journal, 1);
    files.holdSync = true;
    files.failSync = true;
    const first = append(journal, 2);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const second = append(journal, 3);
    files.release();
    await expect(first).rejects.toMatchObject({ code: 'EIO' });
    await expect(second).rejects.toMatchObject({ code: 'EIO' });
    files.failSync = false;
    await append(journal, 4);
    expect(range(6).filter((number) => journal.find(TENANT, idOf(number)) !== undefined)).toEqual([1, 4]);
    await journal.close();
    expect(await numbersOf(open(folder))).toEqual([1, 4]);
  });

  test('what cannot be cut off is noted down, and does not come back after a restart', async () => {
    const files = new FailingFiles();
    const folder = testFolder();
    const journal = open(folder, { files, fsync: 'always' });
    await append(journal, 1);
    [files.failSync, files.failCut] = [true, true];
    await expect(append(journal, 2)).rejects.toThrow('EIO');
    [files.failSync, files.failCut] = [false, false];
    await append(journal, 3);
    expect(readdirSync(folder)).toContain('0000000001.cut');
    await journal.close();
    expect(await numbersOf(open(folder))).toEqual([1, 3]);
  });

  test('until it can be taken back nothing else is written', async () => {
    const files = new FailingFiles();
    const folder = testFolder();
    const journal = open(folder, { files, fsync: 'always' });
    await append(journal, 1);
    [files.failSync, files.failCut, files.failNote] = [true, true, true];
    await expect(append(journal, 2)).rejects.toThrow('EIO');
    files.failSync = false;
    await expect(append(journal, 3)).rejects.toThrow('EIO');
    files.failNote = false;
    await append(journal, 4);
    await journal.close();
    expect(await numbersOf(open(folder))).toEqual([1, 4]);
  });

  test('whatever fails and whenever it is restarted: exactly what was told to be written is there', async () => {
    const step = fc.record({
      appended: fc.integer({ min: 1, max: 4 }),
      room: fc.option(fc.nat(600), { nil: Number.POSITIVE_INFINITY }),
      failSync: fc.boolean(),
      failCut: fc.boolean(),
      restart: fc.boolean(),
      fsync: fc.constantFrom('never' as const, 'always' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const folder = testFolder();
        const files = new FailingFiles();
        let journal = open(folder, { files, segmentBytes: 400 });
        const told: number[] = [];
        let next = 0;
        for (const { appended, room, failSync, failCut, restart, fsync } of steps) {
          Object.assign(files, { room, failSync, failCut });
          const numbers = range(appended, next);
          next += appended;
          const written = await outcomes(
            numbers.map((number) => append(journal, number, number % 2 ? OTHER : TENANT)),
          );
          told.push(...numbers.filter((_, index) => written[index]));
          Object.assign(files, { room: Number.POSITIVE_INFINITY, failSync: false, failCut: false });
          if (!restart) continue;
          await journal.close();
          journal = open(folder, { files, fsync, segmentBytes: 400 });
        }
        await journal.close();
        journal = open(folder);
        const found = range(next).filter(
          (number) => journal.find(number % 2 ? OTHER : TENANT, idOf(number)) !== undefined,
        );
        expect(found).toEqual(told);
        expect((await numbersOf(journal)).toSorted((a, b) => a - b)).toEqual(told);
        await journal.close();
      }),
      { numRuns: 60 },
    );
  });
});
