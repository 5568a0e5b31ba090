import type { Chunks } from './chunks.ts';
import type { JournalWriter } from './journal-writer.ts';
import type { Lane, Lanes } from './lanes.ts';
import { SEGMENT_HEADER, type Segment } from './segment.ts';
import type { Segments } from './segments.ts';

export interface SpaceOptions {
  segments: Segments;
  lanes: Lanes;
  chunks: Chunks;
  writer: JournalWriter;
  now: () => number;
  keepMs: number;
  maxBytes: number;
  segmentBytes: number;
}

/** While others ship, tenants whose decisions are not taken may have this part of the journal. */
const HELD_SHARE = 1 / 4;
/** From here on segments are freed before their time. */
const FILLED_SHARE = 3 / 4;
/** Nobody has shipped for so long: then it is not a matter of single tenants. */
const ALL_HELD_MS = 60_000;

/** Keeps the journal within its bound: frees what is shipped, and what hardly anything in is waited for. */
export class Space {
  readonly #options: SpaceOptions;
  #lastShippedAt = 0;
  #moving = false;
  /** Nothing was shipped since a look that found nothing to free. */
  #exhausted = false;

  constructor(options: SpaceOptions) {
    this.#options = options;
  }

  /** The collector has taken something. */
  shipped(): void {
    this.#lastShippedAt = this.#options.now();
    this.#exhausted = false;
  }

  /** Whether an entry of the tenant fits; frees the oldest shipped segments for it when it must. */
  hasRoom(lane: Lane, bytes: number): boolean {
    if (lane.failingSince > 0 && this.#isHeldTooMuch(lane)) return false;
    // Moving needs room too.
    const most = this.#options.maxBytes - this.#options.segmentBytes;
    const { segments, writer } = this.#options;
    const fits = (): boolean => segments.bytes + writer.pendingBytes + bytes <= most;
    if (fits()) return true;
    if (this.#exhausted) return false;
    for (const segment of segments.all.filter(isFree)) {
      this.#remove(segment);
      if (fits()) return true;
    }
    this.#exhausted = true;
    return false;
  }

  /** The disk is full, whatever the bound says: frees the oldest shipped segments, two of full size or so. */
  relieve(): void {
    const { segments, segmentBytes } = this.#options;
    const enough = segments.bytes - 2 * segmentBytes;
    for (const segment of segments.all.filter(isFree)) {
      this.#remove(segment);
      if (segments.bytes <= enough) return;
    }
  }

  /**
   * Frees segments that are shipped and old. One of which only a small part waits, for a tenant whose decisions are not
   * taken, is freed after that part was written again to the end of the journal: a tenant cannot hold up the others'.
   * @throws the error of the disk
   */
  async free(): Promise<void> {
    const { segments, now, keepMs, maxBytes } = this.#options;
    const oldest = now() - keepMs;
    for (const segment of segments.all.filter(isFree)) {
      if (segment.lastAt <= oldest || segments.bytes > maxBytes * FILLED_SHARE) this.#remove(segment);
    }
    const filled = segments.bytes > maxBytes * FILLED_SHARE;
    const held = segments.all.find(
      (segment) => (filled || segment.lastAt <= oldest) && isWorthMoving(segment),
    );
    if (held && !this.#moving) await this.#move(held);
  }

  #isHeldTooMuch(lane: Lane): boolean {
    const { lanes, now, maxBytes } = this.#options;
    if (this.#lastShippedAt <= lane.failingSince || this.#lastShippedAt + ALL_HELD_MS < now()) return false;
    let held = 0;
    for (const other of lanes.all()) if (other.failingSince > 0) held += other.waitingBytes;
    return held > maxBytes * HELD_SHARE;
  }

  async #move(segment: Segment): Promise<void> {
    const { chunks, writer } = this.#options;
    this.#moving = true;
    try {
      const written: Promise<void>[] = [];
      for (let place = SEGMENT_HEADER; place < segment.bytes;) {
        const chunk = chunks.read(segment, place);
        for (const { at, length, lane } of chunk.entries) {
          if (at < place || !isWaiting(lane, segment.number, at)) continue;
          const from = at - chunk.from;
          written.push(writer.appendWhole(lane, chunk.bytes.subarray(from, from + length)));
          // Counted as waiting once, though it is written twice.
          lane.waitingEntries -= 1;
          lane.waitingBytes -= length;
        }
        place = chunk.to;
      }
      await Promise.all(written);
      segment.moved = true;
      this.#exhausted = false;
    } finally {
      this.#moving = false;
    }
  }

  #remove(segment: Segment): void {
    this.#options.segments.remove(segment);
    this.#options.chunks.drop(segment);
  }
}

function isFree(segment: Segment): boolean {
  return segment.closed && segment.isShipped();
}

/** Only tenants that fail wait for it, and it is mostly others' or shipped. */
function isWorthMoving(segment: Segment): boolean {
  if (!segment.closed) return false;
  let held = 0;
  for (const lane of segment.waiting()) {
    if (lane.failingSince === 0) return false;
    held += segment.tenants.get(lane) ?? 0;
  }
  return held > 0 && held * 2 < segment.bytes;
}

function isWaiting(lane: Lane, segment: number, at: number): boolean {
  return !lane.idle && (lane.segment < segment || (lane.segment === segment && lane.offset <= at));
}
