import { closeSync, openSync, readSync } from 'node:fs';
import { walkEntries } from './entry.ts';
import { TENANT_AT } from './entry.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Segment } from './segment.ts';

/** A part of a segment, read and checked once for all tenants. */
export interface Chunk {
  segment: number;
  /** Where it begins and ends in the segment. */
  from: number;
  to: number;
  bytes: Buffer;
  /** What `bytes` is a part of. */
  memory: Buffer;
  /** Whole entries: where they begin in the segment, their lengths with header, whose they are. */
  entries: { at: number; length: number; lane: Lane }[];
}

/** So much at once that the checksums do not hold up requests. */
const CHUNK_BYTES = 131_072;
const KEPT = 16;

/**
 * Reads segments for those who ship them. Tenants are at different places but mostly close to each other, so the last
 * chunks are kept.
 */
export class Chunks {
  readonly #lanes: Lanes;
  readonly #onDamage: (segment: Segment, place: number, bytes: Buffer) => void;
  #kept: Chunk[] = [];
  /** Memory of a chunk that is not kept any more. */
  #spare: Buffer | undefined;

  constructor(lanes: Lanes, onDamage: (segment: Segment, place: number, bytes: Buffer) => void) {
    this.#lanes = lanes;
    this.#onDamage = onDamage;
  }

  /**
   * The chunk with what stands at a place. It reaches beyond the place.
   * @param place begin of an entry, or of damaged bytes, before the end of the segment
   * @throws the error of the disk
   */
  read(segment: Segment, place: number): Chunk {
    const kept = this.#kept.find(
      (chunk) => chunk.segment === segment.number && chunk.from <= place && place < chunk.to,
    );
    if (kept) return kept;
    const to = Math.min(place + CHUNK_BYTES, segment.bytes);
    const some = this.#parse(segment, place, to);
    // An entry that is longer than a chunk, or damage up to its end: then all the rest is looked through.
    const chunk = some.to > place ? some : this.#parse(segment, place, segment.bytes);
    this.#kept.push(chunk);
    if (this.#kept.length > KEPT) this.#free(this.#kept.shift());
    return chunk;
  }

  /** Whoever read a chunk has copied what it wanted, so its memory serves the next one. */
  #free(chunk: Chunk | undefined): void {
    if (chunk?.memory.length === CHUNK_BYTES) this.#spare = chunk.memory;
  }

  /** Forgets what it has of a segment that is deleted. */
  drop(segment: Segment): void {
    this.#kept = this.#kept.filter((chunk) => chunk.segment !== segment.number);
  }

  #memoryOf(length: number): Buffer {
    if (length > CHUNK_BYTES) return Buffer.allocUnsafeSlow(length);
    const memory = this.#spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#spare = undefined;
    return memory;
  }

  #parse(segment: Segment, from: number, to: number): Chunk {
    const memory = this.#memoryOf(to - from);
    const bytes = readPart(segment.path, from, to, memory);
    const entries: Chunk['entries'] = [];
    const damage = (start: number, end: number): void => {
      this.#onDamage(segment, from + start, bytes.subarray(start, end));
    };
    let whole = walkEntries(bytes, 0, {
      entry: (at, length) =>
        entries.push({ at: from + at, length, lane: this.#lanes.ofBytes(bytes, at + TENANT_AT) }),
      damage,
    });
    if (to === segment.bytes && whole < bytes.length) {
      damage(whole, bytes.length);
      whole = bytes.length;
    }
    return { segment: segment.number, from, to: from + whole, bytes, memory, entries };
  }
}

/** Reads a part of a file, into memory that is given. @throws the error of the disk, or RangeError when it ends before */
export function readPart(
  path: string,
  from: number,
  to: number,
  memory: Buffer = Buffer.allocUnsafe(to - from),
): Buffer {
  const bytes = memory.subarray(0, to - from);
  const file = openSync(path, 'r');
  try {
    for (let read = 0; read < bytes.length;) {
      const more = readSync(file, bytes, read, bytes.length - read, from + read);
      if (more === 0) throw new RangeError(`${path} ends at ${from + read}; it had more`);
      read += more;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
