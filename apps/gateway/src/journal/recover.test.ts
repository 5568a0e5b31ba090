import { readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { SEGMENT_HEADER, segmentHeader } from './segment.ts';
import { OTHER, TENANT, idOf, jsonOf, open, range, shipAll, testFolder } from './testing/test-journal.ts';

const segmentsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name));

/** A closed segment with `count` decisions; nothing is shipped. @returns its path and where each ends */
async function written(folder: string, count: number): Promise<{ path: string; ends: number[] }> {
  const journal = open(folder);
  const ends: number[] = [];
  for (const number of range(count)) {
    await journal.append(TENANT, idOf(number), jsonOf(number));
    ends.push(journal.bytesOnDisk());
  }
  await journal.close();
  return { path: segmentsIn(folder).at(-1) ?? '', ends };
}

async function shippedNumbers(folder: string): Promise<{ numbers: number[]; torn: number; damage: number }> {
  const journal = open(folder);
  const numbers = (await shipAll(journal)).map(([, number]) => number);
  for (const number of numbers) expect(journal.find(TENANT, idOf(number))).toBe(jsonOf(number));
  await journal.close();
  return { numbers, torn: journal.torn.length, damage: journal.damage.length };
}

describe('what a killed process left', () => {
  test('a last entry that is torn at any byte is cut off; all before it are there, and others can follow', async () => {
    const source = testFolder();
    const { path, ends } = await written(source, 3);
    const bytes = readFileSync(path);
    const [, second = 0, third = 0] = ends;
    for (let cut = second; cut < third; cut += 1) {
      const folder = testFolder();
      writeFileSync(join(folder, '0000000001.log'), bytes.subarray(0, cut));
      const journal = open(folder);
      expect(journal.torn.map(({ bytes: torn }) => torn)).toEqual(cut === second ? [] : [cut - second]);
      await journal.append(TENANT, idOf(3), jsonOf(3));
      expect((await shipAll(journal)).map(([, number]) => number)).toEqual([0, 1, 3]);
      await journal.close();
      expect(statSync(join(folder, '0000000001.log')).size).toBe(second);
      const again = open(folder);
      expect(range(4).filter((number) => again.find(TENANT, idOf(number)) !== undefined)).toEqual([0, 1, 3]);
      expect(again.damage).toEqual([]);
      await again.close();
    }
  });

  test.each(range(SEGMENT_HEADER))('%i bytes of a header are no obstacle', async (bytes) => {
    const folder = testFolder();
    writeFileSync(join(folder, '0000000001.log'), segmentHeader().subarray(0, bytes));
    const journal = open(folder);
    expect(segmentsIn(folder)).toEqual([]);
    await journal.append(TENANT, idOf(1), jsonOf(1));
    expect(await shipAll(journal)).toEqual([[TENANT, 1]]);
  });

  test('a note that a segment counts only up to a place is followed', async () => {
    const folder = testFolder();
    const { path, ends } = await written(folder, 3);
    writeFileSync(path.replace('.log', '.cut'), String(ends[1]));
    expect(await shippedNumbers(folder)).toEqual({ numbers: [0, 1], torn: 0, damage: 0 });
    expect(await shippedNumbers(folder)).toEqual({ numbers: [], torn: 0, damage: 0 });
  });

  test('the number of a segment is never used again, although its file is gone', async () => {
    const folder = testFolder();
    const first = open(folder, { keepMs: 0 });
    await first.append(TENANT, idOf(1), jsonOf(1));
    await shipAll(first);
    await first.close();
    const second = open(folder, { keepMs: -60_000 });
    await second.tidy();
    expect(segmentsIn(folder)).toEqual([]);
    await second.append(TENANT, idOf(2), jsonOf(2));
    await second.close();
    expect((await shippedNumbers(folder)).numbers).toEqual([2]);
  });
});

describe('what a broken disk left', () => {
  test('a damaged entry in the middle is set aside and told once; those around it are shipped', async () => {
    const folder = testFolder();
    const { path, ends } = await written(folder, 5);
    const bytes = readFileSync(path);
    const at = (ends[1] ?? 0) + 60;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(await shippedNumbers(folder)).toEqual({ numbers: [0, 1, 3, 4], torn: 0, damage: 1 });
    expect(await shippedNumbers(folder)).toEqual({ numbers: [], torn: 0, damage: 0 });
    const kept = readdirSync(join(folder, 'rejected'));
    expect(kept).toEqual([`damaged-0000000001-${ends[1]}.bin`]);
    expect(readFileSync(join(folder, 'rejected', kept[0] ?? ''))).toEqual(bytes.subarray(ends[1], ends[2]));
  });

  test('damage while it runs: the entry is set aside when its turn comes, and no other is lost', async () => {
    const folder = testFolder();
    const journal = open(folder);
    await Promise.all(range(5).map((number) => journal.append(TENANT, idOf(number), jsonOf(number))));
    const [path = ''] = segmentsIn(folder);
    const bytes = readFileSync(path);
    // The length of the second: where the third begins cannot be told from it.
    const at = SEGMENT_HEADER + (bytes.length - SEGMENT_HEADER) / 5;
    bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    writeFileSync(path, bytes);
    expect((await shipAll(journal)).map(([, number]) => number)).toEqual([0, 2, 3, 4]);
    expect(journal.damage).toHaveLength(1);
    expect(journal.find(TENANT, idOf(1))).toBeUndefined();
  });

  test('a damaged header costs nothing else', async () => {
    const folder = testFolder();
    const { path } = await written(folder, 2);
    const bytes = readFileSync(path);
    bytes[2] = 0;
    writeFileSync(path, bytes);
    expect(await shippedNumbers(folder)).toMatchObject({ numbers: [0, 1], torn: 0 });
  });

  test('a file without a single entry is set aside and removed', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, '0000000007.log'), 'x'.repeat(5_000));
    const journal = open(folder);
    expect(journal.damage.map(({ bytes }) => bytes)).toEqual([5_000]);
    expect(segmentsIn(folder)).toEqual([]);
  });

  test('a missing end is damage in a segment that others follow: nobody was killed while writing there', async () => {
    const folder = testFolder();
    const { path } = await written(folder, 3);
    await written(folder, 1);
    truncateSync(path, statSync(path).size - 5);
    const { damage, torn } = await shippedNumbers(folder);
    expect({ damage, torn }).toEqual({ damage: 1, torn: 0 });
  });
});

describe('other releases', () => {
  test('segments of the form without a header are read, whole entries only, and nothing is lost', async () => {
    const folder = testFolder();
    const old = (tenantId: string, number: number): Buffer => {
      const json = Buffer.from(
        JSON.stringify({ tenantId, event: JSON.parse(jsonOf(number, 20)) as unknown }),
      );
      const head = Buffer.alloc(8);
      head.writeUInt32LE(json.length, 0);
      head.writeUInt32LE(crc32c(json), 4);
      return Buffer.concat([head, json]);
    };
    const torn = old(TENANT, 9).subarray(0, 50);
    writeFileSync(join(folder, '0000000003.log'), Buffer.concat([old(TENANT, 1), old(OTHER, 2), torn]));
    writeFileSync(join(folder, '0000000004.log'), '');
    const journal = open(folder);
    expect(journal.find(OTHER, idOf(2))).toBe(jsonOf(2, 20));
    expect(await shipAll(journal)).toEqual([
      [TENANT, 1],
      [OTHER, 2],
    ]);
    expect(journal.damage.map(({ bytes }) => bytes)).toEqual([50]);
    await journal.close();
    expect(readFileSync(segmentsIn(folder)[0] ?? '').subarray(0, SEGMENT_HEADER)).toEqual(segmentHeader());
    expect(open(folder).find(TENANT, idOf(1))).toBe(jsonOf(1, 20));
  });

  test('a journal of a newer release stops the start, and is left as it is', () => {
    const folder = testFolder();
    const header = segmentHeader();
    header.writeUInt32LE(2, 8);
    header.writeUInt32LE(crc32c(header, 0, 12), 12);
    writeFileSync(join(folder, '0000000001.log'), header);
    expect(() => open(folder)).toThrow('is of version 2 of the journal');
    expect(() => open(folder)).toThrow('is of version 2 of the journal');
    expect(readFileSync(join(folder, '0000000001.log'))).toEqual(header);
  });
});
