import { crc32c } from './crc32c.ts';
import type { Lane } from './lanes.ts';

/** Bytes before the first entry: the magic, the version of the format, the CRC-32C of both. */
export const SEGMENT_HEADER = 16;

const MAGIC = Buffer.from('RLJOURNL', 'latin1');
const VERSION = 1;

/** A file of the journal. */
export class Segment {
  /** Rises from file to file; the name of the file. */
  readonly number: number;
  readonly path: string;
  /** All that counts: what stands behind is of a write that did not succeed, or is not done. */
  bytes = SEGMENT_HEADER;
  readonly beganAt: number;
  /** When its last entry was written. */
  lastAt: number;
  /** Nothing is added any more. */
  closed = false;
  /** What was not at the collector yet stands at the end of the journal too. */
  moved = false;
  /** Hashes of its decisions in the index, and the place of each. */
  readonly keys = new KeyList();
  /** Tenants that have entries here, and how many bytes of them at most. */
  readonly tenants = new Map<Lane, number>();
  /** Places of damaged bytes that were set aside. */
  readonly damaged = new Set<number>();

  constructor(number: number, path: string, at: number) {
    this.number = number;
    this.path = path;
    this.beganAt = at;
    this.lastAt = at;
  }

  add(lane: Lane, hash: number, place: number, bytes: number): void {
    this.keys.push(hash, place);
    this.tenants.set(lane, (this.tenants.get(lane) ?? 0) + bytes);
  }

  /** Tenants of which the collector does not have everything that is here. */
  *waiting(): Generator<Lane> {
    if (this.moved) return;
    for (const lane of this.tenants.keys()) {
      if (!lane.idle && lane.segment <= this.number) yield lane;
    }
  }

  /** Whether the collector has everything that is here. */
  isShipped(): boolean {
    return this.waiting().next().done === true;
  }
}

/** Pairs of hash and place in one array that grows. */
export class KeyList {
  length = 0;
  #words = new Uint32Array(64);

  push(hash: number, place: number): void {
    if (this.length * 2 === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.length * 2] = hash;
    this.#words[this.length * 2 + 1] = place;
    this.length += 1;
  }

  hash(index: number): number {
    return this.#words[index * 2] as number;
  }

  place(index: number): number {
    return this.#words[index * 2 + 1] as number;
  }
}

/** The first bytes of every segment. */
export function segmentHeader(): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(crc32c(header, 0, 12), 12);
  return header;
}

/**
 * What a file begins as: a segment, the torn begin of one, or nothing that is known (older or damaged).
 * @throws Error when a newer release wrote it: to read on would lose what it holds
 */
export function headerOf(bytes: Buffer, path: string): 'whole' | 'torn' | 'unknown' {
  const header = segmentHeader();
  if (bytes.length < SEGMENT_HEADER) {
    return header.subarray(0, bytes.length).equals(bytes) ? 'torn' : 'unknown';
  }
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'unknown';
  if (crc32c(bytes, 0, 12) !== bytes.readUInt32LE(12)) return 'unknown';
  const version = bytes.readUInt32LE(8);
  if (version === VERSION) return 'whole';
  throw new Error(
    `${path} is of version ${version} of the journal, which a newer release wrote; this one knows ${VERSION}. ` +
      'Start the newer release again, or let it ship everything before you go back.',
  );
}

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.log`;
}

/** The note beside a segment that says up to where it counts. */
export function cutNote(path: string): string {
  return path.replace(/log$/, 'cut');
}
