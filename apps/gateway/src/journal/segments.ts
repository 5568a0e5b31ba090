import { rmSync } from 'node:fs';
import type { DecisionIndex } from './decision-index.ts';
import type { Lane } from './lanes.ts';
import { type Segment, cutNote } from './segment.ts';

/** The segments on disk, oldest first, and the index of what is in them. */
export class Segments {
  readonly index: DecisionIndex;
  /** Bytes on disk, of all. */
  bytes = 0;
  readonly #list: Segment[] = [];
  /** How many of the oldest were taken out of the index, which has its bound. */
  #forgotten = 0;

  constructor(index: DecisionIndex) {
    this.index = index;
  }

  get newest(): Segment | undefined {
    return this.#list.at(-1);
  }

  get all(): readonly Segment[] {
    return this.#list;
  }

  push(segment: Segment): void {
    this.#list.push(segment);
    this.bytes += segment.bytes;
  }

  /** The newest has more bytes. */
  grow(segment: Segment, bytes: number): void {
    segment.bytes += bytes;
    this.bytes += bytes;
  }

  find(number: number): Segment | undefined {
    const segment = this.#list[this.#indexFrom(number)];
    return segment?.number === number ? segment : undefined;
  }

  /** The oldest of this number or a later one in which the tenant has entries. */
  withLane(lane: Lane, number: number): Segment | undefined {
    for (let at = this.#indexFrom(number); at < this.#list.length; at += 1) {
      const segment = this.#list[at];
      if (segment?.tenants.has(lane) === true) return segment;
    }
    return undefined;
  }

  /** Deletes a segment and forgets what was in it. */
  remove(segment: Segment): void {
    const at = this.#indexFrom(segment.number);
    if (this.#list[at] !== segment) return;
    rmSync(segment.path, { force: true });
    rmSync(cutNote(segment.path), { force: true });
    this.bytes -= segment.bytes;
    if (at < this.#forgotten) this.#forgotten -= 1;
    else this.#takeOut(segment);
    this.#list.splice(at, 1);
  }

  /** Takes the oldest out of the index until it has at most `most` decisions. */
  bound(most: number): void {
    while (this.index.size > most && this.#forgotten < this.#list.length) {
      const oldest = this.#list[this.#forgotten];
      if (oldest) this.#takeOut(oldest);
      this.#forgotten += 1;
    }
  }

  #takeOut({ keys, number }: Segment): void {
    for (let at = 0; at < keys.length; at += 1) this.index.remove(keys.hash(at), number, keys.place(at));
  }

  /** Place in the list of the first of this number or a later one. */
  #indexFrom(number: number): number {
    let [low, high] = [0, this.#list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle]?.number ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
