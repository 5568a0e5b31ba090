import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type VowpalWabbitResults, committedResults, storedResults } from './vowpalwabbit-results.ts';

const results: VowpalWabbitResults = {
  version: '9',
  usual: [{ name: 'squarecb', losses: new Map([['iris', [0.1, 0.2]]]) }],
  tuned: [{ name: 'cover', losses: new Map([['iris', [0.3, 0.4]]]) }],
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rlaas-results-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

async function commit(): Promise<void> {
  const record = { at: '2026-01-02T00:00:00Z', details: { vowpalwabbit: storedResults(results) } };
  await writeFile(join(folder, 'learn.json'), JSON.stringify(record));
}

test('what was committed is read again, with its date', async () => {
  await commit();
  expect(await committedResults(folder, ['iris'], 2)).toEqual({
    ...results,
    committedAt: '2026-01-02T00:00:00Z',
  });
});

test('a smaller run takes the first shuffles', async () => {
  await commit();
  const read = await committedResults(folder, ['iris'], 1);
  expect(read?.usual[0]?.losses.get('iris')).toEqual([0.1]);
});

test.each([
  ['a data set that is not there', ['iris', 'wine'], 2],
  ['more shuffles than there are', ['iris'], 3],
])('%s: there is no result', async (_name, datasets, shuffles) => {
  await commit();
  expect(await committedResults(folder, datasets, shuffles)).toBeUndefined();
});

test('nothing was committed yet', async () => {
  expect(await committedResults(folder, ['iris'], 1)).toBeUndefined();
});
