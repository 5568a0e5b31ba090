import { type Chunk, type ChunkEnd, GROUP_BYTES, GROUP_ROWS, chunksOf } from './chunk.ts';
import type { Waiting, WriteQueue } from './write-queue.ts';

/** Writes chunks together. One end for each; it does not throw. */
export type WriteGroup = (chunks: readonly Chunk[]) => Promise<ChunkEnd[]>;

export interface GroupCommitterOptions {
  queue: WriteQueue;
  write: WriteGroup;
  /** Groups that are written at the same time. */
  writers: number;
  /** Longest time that a chunk waits for others to join it. */
  lingerMs: number;
  /** Requests on their way whose events are not in the queue yet. */
  arriving: () => number;
  /** Milliseconds of a clock that is never set. */
  now: () => number;
}

/** Makes groups of what many requests bring, and commits each in one transaction. */
export interface GroupCommitter {
  /**
   * The ends of what a request brings, in its order: as soon as all of it is committed.
   * @returns `full` when there is no room in the queue
   */
  commit: (request: Chunk) => Promise<ChunkEnd[]> | 'full';
  /** Ends when everything that was taken is written. */
  drained: () => Promise<void>;
}

/**
 * The first writer begins with whatever is there as soon as nobody is about to join: a lone sender waits for its commit
 * only. The others begin with a full group, or when somebody has waited long enough: small groups cost a commit each.
 */
export function createGroupCommitter(options: GroupCommitterOptions): GroupCommitter {
  const { queue, write, writers, lingerMs, arriving, now } = options;
  let writing = 0;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  /** After what can be read in this turn of the loop was read, so that it gets into the same group. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  }

  function pump(): void {
    clearTimeout(timer);
    while (writing < writers && queue.waiting.rows > 0) {
      const wait = waitMs();
      if (wait > 0) {
        timer = setTimeout(pump, wait);
        return;
      }
      const group = queue.take();
      writing += 1;
      void run(group);
    }
  }

  function waitMs(): number {
    const { rows, bytes } = queue.waiting;
    if (rows >= GROUP_ROWS || bytes >= GROUP_BYTES) return 0;
    if (writing === 0 && arriving() === 0) return 0;
    return Math.max(0, (queue.waitingSince ?? 0) + lingerMs - now());
  }

  async function run(group: readonly Waiting[]): Promise<void> {
    const ends = await write(group.map(({ chunk }) => chunk));
    writing -= 1;
    queue.release(group);
    for (const [index, { finish }] of group.entries()) {
      const end = ends[index];
      if (end) finish(end);
    }
    if (queue.held.rows === 0) idle.resolve();
    pump();
  }

  return {
    commit(request) {
      const ends: Promise<ChunkEnd>[] = [];
      const entries = chunksOf(request).map((chunk) => {
        const { promise, resolve } = Promise.withResolvers<ChunkEnd>();
        ends.push(promise);
        return { chunk, finish: resolve };
      });
      if (entries.length === 0) return Promise.resolve([]);
      const wasIdle = queue.held.rows === 0;
      if (!queue.offer(entries, request.tenantId, now())) return 'full';
      if (wasIdle) idle = Promise.withResolvers();
      schedule();
      return Promise.all(ends);
    },
    drained: () => idle.promise,
  };
}
