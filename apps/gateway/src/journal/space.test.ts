import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JournalFull } from './journal-full.ts';
import type { Journal } from './journal.ts';
import { FailingFiles } from './testing/failing-files.ts';
import {
  OTHER,
  TENANT,
  TestClock,
  idOf,
  jsonOf,
  open,
  range,
  shipAll,
  testFolder,
} from './testing/test-journal.ts';

const MAX = 200_000;
const append = (journal: Journal, number: number, tenant = TENANT): Promise<void> =>
  journal.append(tenant, idOf(number), jsonOf(number, 1_000));

/** @returns whether there was room */
async function fits(journal: Journal, number: number, tenant = TENANT): Promise<boolean> {
  try {
    await append(journal, number, tenant);
    return true;
  } catch (error) {
    if (error instanceof JournalFull) return false;
    throw error;
  }
}

/** Appends until it is full. @returns how many went in */
async function fill(journal: Journal): Promise<number> {
  let number = 0;
  while (await fits(journal, number)) {
    expect(journal.bytesOnDisk()).toBeLessThanOrEqual(MAX);
    number += 1;
  }
  return number;
}

/** Ships what is there, but for this tenant, whose shipments are refused. */
async function shipButFor(journal: Journal, held: string): Promise<void> {
  for (let shipment = await journal.shipments.next(); shipment; shipment = await journal.shipments.next()) {
    if (shipment.tenantId === held) shipment.failed(0);
    else shipment.shipped([]);
  }
}

describe('the bound', () => {
  test('unshipped decisions fill it; shipped ones make room at once, although they are young', async () => {
    const journal = open(testFolder(), { maxBytes: MAX });
    const fitted = await fill(journal);
    expect(fitted).toBeGreaterThan(80);
    await expect(append(journal, 9_999)).rejects.toThrow(JournalFull);
    expect(await shipAll(journal)).toHaveLength(fitted);
    for (const number of range(300, 10_000)) {
      await append(journal, number);
      await shipAll(journal);
    }
    expect(journal.bytesOnDisk()).toBeLessThanOrEqual(MAX);
    expect(journal.find(TENANT, idOf(10_299))).toBe(jsonOf(10_299, 1_000));
    expect(journal.find(TENANT, idOf(0))).toBeUndefined();
  });

  test('shipped segments are freed when their last decision is old enough, and not before', async () => {
    const clock = new TestClock();
    const journal = open(testFolder(), { now: clock.now, segmentBytes: 5_000 });
    for (const number of range(20)) await append(journal, number);
    const all = journal.bytesOnDisk();
    await shipAll(journal);
    clock.pass(599_000);
    await journal.tidy();
    expect(journal.bytesOnDisk()).toBe(all);
    expect(journal.find(TENANT, idOf(3))).toBe(jsonOf(3, 1_000));
    clock.pass(2_000);
    await journal.tidy();
    expect(journal.bytesOnDisk()).toBe(0);
    expect(journal.find(TENANT, idOf(3))).toBeUndefined();
  });

  test('they are freed although what was shipped cannot be written down: that needs room, freeing makes it', async () => {
    const clock = new TestClock();
    const folder = testFolder();
    const journal = open(folder, { now: clock.now });
    await append(journal, 1);
    await shipAll(journal);
    mkdirSync(join(folder, 'shipped.new'));
    clock.pass(700_000);
    await expect(journal.tidy()).rejects.toMatchObject({ code: 'EISDIR' });
    expect(journal.bytesOnDisk()).toBe(0);
    rmSync(join(folder, 'shipped.new'), { recursive: true });
  });

  test('a disk that is full before the bound is reached: shipped ones make room there too', async () => {
    const files = new FailingFiles();
    const journal = open(testFolder(), { files, segmentBytes: 5_000 });
    for (const number of range(40)) await append(journal, number);
    await shipAll(journal);
    for (const number of range(10, 40)) await append(journal, number);
    const before = journal.bytesOnDisk();
    files.room = 100;
    await expect(append(journal, 50)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(before - journal.bytesOnDisk()).toBeGreaterThan(5_000);
    expect(before - journal.bytesOnDisk()).toBeLessThan(20_000);
    for (const number of range(60, 100)) await expect(append(journal, number)).rejects.toThrow('ENOSPC');
    files.room = Number.POSITIVE_INFINITY;
    await append(journal, 99);
    expect((await shipAll(journal)).map(([, number]) => number)).toEqual([...range(10, 40), 99]);
  });

  test('unshipped ones are never freed, however old', async () => {
    const clock = new TestClock();
    const journal = open(testFolder(), { now: clock.now, segmentBytes: 5_000 });
    for (const number of range(20)) await append(journal, number);
    clock.pass(86_400_000);
    await journal.tidy();
    expect(await shipAll(journal)).toHaveLength(20);
  });

  test('only so many can be found: the oldest are forgotten first, and shipped all the same', async () => {
    const journal = open(testFolder(), { segmentBytes: 5_000, indexed: 10 });
    for (const number of range(40)) await append(journal, number);
    const found = range(40).filter((number) => journal.find(TENANT, idOf(number)) !== undefined);
    expect(found.length).toBeGreaterThan(5);
    expect(found).toEqual(range(found.length, 40 - found.length));
    expect(await shipAll(journal)).toHaveLength(40);
  });
});

describe('a tenant whose decisions are not taken', () => {
  test('gets a quarter of the journal while others ship, and others go on', async () => {
    const clock = new TestClock();
    const journal = open(testFolder(), { now: clock.now, maxBytes: MAX });
    let refused = 0;
    for (const number of range(600)) {
      clock.pass(2_000);
      await append(journal, number, OTHER);
      if (!(await fits(journal, number))) refused += 1;
      await shipButFor(journal, TENANT);
      await journal.tidy();
    }
    expect(refused).toBeGreaterThan(500);
    // Four or five dozen of 2 KB each.
    const arrived = await (clock.pass(10_000), shipAll(journal));
    expect(arrived.map(([, number]) => number)).toEqual(range(600 - refused));
    expect(journal.waiting()).toEqual({ entries: 0, bytes: 0 });
  });

  test('does not keep the segments of others: its part moves on, and nothing is lost, also by a restart', async () => {
    const clock = new TestClock();
    const folder = testFolder();
    const journal = open(folder, { now: clock.now, segmentBytes: 30_000 });
    for (const number of range(300)) {
      await append(journal, number, number % 20 ? OTHER : TENANT);
      if (number % 50 === 0) await shipButFor(journal, TENANT);
    }
    await shipButFor(journal, TENANT);
    const before = journal.bytesOnDisk();
    for (let round = 0; round < 30; round += 1) {
      clock.pass(601_000);
      await shipButFor(journal, TENANT);
      await journal.tidy();
    }
    expect(journal.bytesOnDisk()).toBeLessThan(before / 4);
    expect(journal.waiting().entries).toBe(15);
    await journal.close();
    const again = open(folder);
    const numbers = new Set((await shipAll(again)).map(([, number]) => number));
    expect([...numbers].toSorted((a, b) => a - b)).toEqual(range(300).filter((number) => number % 20 === 0));
  });
});
