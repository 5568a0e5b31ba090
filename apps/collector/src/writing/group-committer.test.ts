import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Chunk, ChunkEnd } from './chunk.ts';
import { createGroupCommitter } from './group-committer.ts';
import { WriteQueue } from './write-queue.ts';
import { chunkOf } from '../../test/support/rows.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A committer whose writes end when the test says so. */
function committer(options: { writers?: number; arriving?: () => number } = {}) {
  const writing: { chunks: readonly Chunk[]; end: () => void }[] = [];
  const made = createGroupCommitter({
    queue: new WriteQueue(),
    writers: options.writers ?? 2,
    lingerMs: 5,
    arriving: options.arriving ?? (() => 0),
    now: Date.now,
    write: (chunks) =>
      new Promise<ChunkEnd[]>((resolve) => {
        const ends = chunks.map((chunk): ChunkEnd => ({
          rows: chunk.rows.map(() => 'accepted'),
          lettersStored: true,
          receivedAt: 1,
        }));
        writing.push({ chunks, end: () => resolve(ends) });
      }),
  });
  const sizes = () => writing.map(({ chunks }) => chunks.reduce((sum, chunk) => sum + chunk.rows.length, 0));
  return { ...made, writing, sizes };
}

test('a lone sender does not wait for others', async () => {
  const { commit, sizes } = committer();
  void commit(chunkOf('a', 1));
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([1]);
});

test('those that come in the same turn are written together', async () => {
  const { commit, sizes } = committer();
  for (let n = 0; n < 4; n += 1) void commit(chunkOf('a', 100));
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([400]);
});

test('one that is about to come is waited for, and not longer than the linger', async () => {
  let arriving = 1;
  const { commit, sizes } = committer({ arriving: () => arriving });
  void commit(chunkOf('a', 1));
  await vi.advanceTimersByTimeAsync(4);
  expect(sizes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes()).toEqual([1]);
  arriving = 0;
});

test('while one group is written, the next waits to be full or old enough', async () => {
  const { commit, sizes, writing } = committer();
  void commit(chunkOf('a', 1));
  await vi.advanceTimersByTimeAsync(0);
  void commit(chunkOf('a', 100));
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes()).toEqual([1]);
  void commit(chunkOf('b', 400));
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([1, 500]);
  void commit(chunkOf('a', 500));
  await vi.advanceTimersByTimeAsync(100);
  expect(sizes()).toEqual([1, 500]);
  writing[0]?.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([1, 500, 500]);
});

test('a request is answered when all of its chunks are written; drained is when everybody is', async () => {
  const { commit, drained, writing } = committer();
  let answered = false;
  let empty = false;
  void Promise.resolve(commit(chunkOf('a', 900))).then(() => (answered = true));
  void drained().then(() => (empty = true));
  await vi.advanceTimersByTimeAsync(10);
  writing[0]?.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([answered, empty]).toEqual([false, false]);
  writing[1]?.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([answered, empty]).toEqual([true, true]);
});

test('a full queue says so at once, and nothing of the request is kept', () => {
  const { commit } = committer();
  for (let n = 0; n < 5; n += 1) expect(commit(chunkOf('a', 1_000))).not.toBe('full');
  expect(commit(chunkOf('a', 1))).toBe('full');
  expect(commit(chunkOf('b', 1))).not.toBe('full');
});

test('nothing to write is done at once', async () => {
  const { commit, drained } = committer();
  expect(await commit(chunkOf('a', 0))).toEqual([]);
  await drained();
});
