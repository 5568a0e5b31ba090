import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OTHER, TENANT, idOf, jsonOf, open, range, shipAll, testFolder } from './testing/test-journal.ts';

describe('the journal', () => {
  test('all of a turn are one group: one promise, and found before and after they are written', async () => {
    const journal = open(testFolder());
    const first = journal.append(TENANT, idOf(1), jsonOf(1));
    expect(journal.append(OTHER, idOf(1), jsonOf(2))).toBe(first);
    const pending = journal.find(TENANT, idOf(1));
    expect(pending).toBeInstanceOf(Promise);
    expect(await pending).toBe(jsonOf(1));
    await first;
    expect(journal.find(TENANT, idOf(1))).toBe(jsonOf(1));
    expect(journal.find(OTHER, idOf(1))).toBe(jsonOf(2));
    expect(journal.find(OTHER, idOf(2))).toBeUndefined();
    expect(journal.waiting().entries).toBe(2);
    expect(await shipAll(journal)).toEqual([
      [TENANT, 1],
      [OTHER, 2],
    ]);
    expect(journal.waiting()).toEqual({ entries: 0, bytes: 0 });
  });

  test('after a restart everything is found, and what was not shipped is shipped', async () => {
    const folder = testFolder();
    const first = open(folder);
    await Promise.all(range(10).map((number) => first.append(TENANT, idOf(number), jsonOf(number, 100))));
    expect(await shipAll(first)).toHaveLength(10);
    await Promise.all(range(5, 10).map((number) => first.append(OTHER, idOf(number), jsonOf(number))));
    await first.close();
    const second = open(folder);
    for (const number of range(10)) expect(second.find(TENANT, idOf(number))).toBe(jsonOf(number, 100));
    expect(second.waiting().entries).toBe(5);
    expect(await shipAll(second)).toEqual(range(5, 10).map((number) => [OTHER, number]));
  });

  test('after a kill, without a word of what was shipped, all is shipped again', async () => {
    const folder = testFolder();
    const first = open(folder);
    await first.append(TENANT, idOf(1), jsonOf(1));
    await shipAll(first);
    await first.close();
    writeFileSync(join(folder, 'shipped'), '{"end":[1');
    expect(await shipAll(open(folder))).toEqual([[TENANT, 1]]);
  });
});
