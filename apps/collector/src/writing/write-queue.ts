import { type Chunk, type ChunkEnd, GROUP_BYTES, GROUP_ROWS, weightOf } from './chunk.ts';

/** A chunk that waits, and who waits for it. */
export interface Waiting {
  chunk: Chunk;
  rows: number;
  bytes: number;
  /** Milliseconds of a clock that is never set. */
  since: number;
  finish: (end: ChunkEnd) => void;
}

export interface QueueLimits {
  rows: number;
  bytes: number;
}

const DEFAULT_QUEUE: QueueLimits = { rows: 20_000, bytes: 32 * 1024 * 1024 };
/** No tenant may hold more than this share of the queue, so that one that floods it leaves room for the others. */
const TENANT_SHARE = 0.25;

interface Held {
  rows: number;
  bytes: number;
  waiting: Waiting[];
}

/**
 * What waits for being written, and what is being written: both are held in memory, so both count. Bounded, and taken
 * from tenants in turn.
 */
export class WriteQueue {
  readonly #limits: QueueLimits;
  readonly #tenants = new Map<string, Held>();
  #rows = 0;
  #bytes = 0;
  #waitingRows = 0;
  #waitingBytes = 0;

  constructor(limits: QueueLimits = DEFAULT_QUEUE) {
    this.#limits = limits;
  }

  /** Rows and bytes that are held in memory, waiting or being written. */
  get held(): { rows: number; bytes: number } {
    return { rows: this.#rows, bytes: this.#bytes };
  }

  /** Rows and bytes that nobody writes yet. */
  get waiting(): { rows: number; bytes: number } {
    return { rows: this.#waitingRows, bytes: this.#waitingBytes };
  }

  /** Since when the oldest chunk waits, by the clock of `offer`. */
  get waitingSince(): number | undefined {
    let oldest: number | undefined;
    for (const { waiting } of this.#tenants.values()) {
      const since = waiting[0]?.since;
      if (since !== undefined && (oldest === undefined || since < oldest)) oldest = since;
    }
    return oldest;
  }

  /**
   * Whether there is room for more of a tenant. Asked before a body is read, when its size is not known yet. A tenant of
   * which nothing is held may bring more bytes than its share: a largest batch has more, and would be sent again for ever.
   */
  admits(tenantId: string, more: { rows: number; bytes: number } = { rows: 1, bytes: 1 }): boolean {
    const { rows, bytes } = this.#limits;
    const own = this.#tenants.get(tenantId) ?? { rows: 0, bytes: 0 };
    // In an empty queue there is room for whatever a request could bring: refused now, it would be refused for ever.
    if (this.#rows === 0) return true;
    return (
      this.#rows + more.rows <= rows &&
      this.#bytes + more.bytes <= bytes &&
      own.rows + more.rows <= rows * TENANT_SHARE &&
      (own.bytes === 0 || own.bytes + more.bytes <= bytes * TENANT_SHARE)
    );
  }

  /** Takes all chunks of a request or, when there is no room for them, none. */
  offer(
    chunks: readonly { chunk: Chunk; finish: (end: ChunkEnd) => void }[],
    tenantId: string,
    now: number,
  ): boolean {
    const entries = chunks.map(({ chunk, finish }) => ({ chunk, finish, since: now, ...weightOf(chunk) }));
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (!this.admits(tenantId, { rows, bytes })) return false;
    let held = this.#tenants.get(tenantId);
    if (!held) this.#tenants.set(tenantId, (held = { rows: 0, bytes: 0, waiting: [] }));
    held.waiting.push(...entries);
    held.rows += rows;
    held.bytes += bytes;
    this.#rows += rows;
    this.#bytes += bytes;
    this.#waitingRows += rows;
    this.#waitingBytes += bytes;
    return true;
  }

  /** The next group: a chunk of each tenant in turn, for as long as they fit. */
  take(): Waiting[] {
    const group: Waiting[] = [];
    let [rows, bytes] = [0, 0];
    let skipped = 0;
    while (this.#waitingRows > 0 && skipped < this.#tenants.size) {
      const [first] = this.#tenants;
      if (!first) break;
      const [tenantId, held] = first;
      // To the end of the line, whether it gives something or not.
      this.#tenants.delete(tenantId);
      this.#tenants.set(tenantId, held);
      const [next] = held.waiting;
      const alone = next?.chunk.atomic === true;
      const fits =
        next !== undefined &&
        (group.length === 0 ||
          (!alone && rows + next.rows <= GROUP_ROWS && bytes + next.bytes <= GROUP_BYTES));
      if (!fits) {
        skipped += 1;
        continue;
      }
      skipped = 0;
      held.waiting.shift();
      this.#waitingRows -= next.rows;
      this.#waitingBytes -= next.bytes;
      rows += next.rows;
      bytes += next.bytes;
      group.push(next);
      if (alone) break;
    }
    return group;
  }

  /** What was written is held no more. */
  release(group: readonly Waiting[]): void {
    for (const { chunk, rows, bytes } of group) {
      this.#rows -= rows;
      this.#bytes -= bytes;
      const held = this.#tenants.get(chunk.tenantId);
      if (!held) continue;
      held.rows -= rows;
      held.bytes -= bytes;
      if (held.rows === 0 && held.waiting.length === 0) this.#tenants.delete(chunk.tenantId);
    }
  }
}
