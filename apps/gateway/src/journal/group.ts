import { ENTRY_HEADER, ID_AT, KEY_BYTES, TENANT_AT, sealEntry } from './entry.ts';
import { keyHash } from './key-hash.ts';
import type { Lane } from './lanes.ts';
import { KeyList, type Segment } from './segment.ts';
import type { SegmentFile } from './segment-files.ts';
import { writeUuid } from './uuid-bytes.ts';

const FIRST_BYTES = 262_144;
/** A larger buffer is not kept for the next group. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Entries that are written together. Its buffers are used again and again; only the promise is new each time. */
export class Group {
  segment: Segment | undefined;
  file: SegmentFile | undefined;
  /** Where it begins in the segment. */
  place = 0;
  bytes = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;
  keys = new KeyList();
  lanes: Lane[] = [];
  readonly #seed: number;
  #settled = Promise.withResolvers<void>();

  /** @param seed of the hashes of the index */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Settles with the group. */
  get written(): Promise<void> {
    return this.#settled.promise;
  }

  begin(segment: Segment, file: SegmentFile, place: number): void {
    this.segment = segment;
    this.file = file;
    this.place = place;
    this.length = 0;
    this.keys.length = 0;
    this.lanes.length = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#settled = Promise.withResolvers<void>();
  }

  /**
   * Adds an entry.
   * @returns its length
   * @throws TypeError when the id is no UUID; then the group is as before
   */
  add(lane: Lane, id: string, json: string): number {
    const at = this.length;
    // A UTF-16 unit becomes three bytes at most.
    this.#reserve(ENTRY_HEADER + json.length * 3);
    const { bytes } = this;
    writeUuid(id, bytes, at + ID_AT);
    bytes.set(lane.bytes, at + TENANT_AT);
    const jsonBytes = bytes.write(json, at + ENTRY_HEADER, 'utf8');
    sealEntry(bytes, at, jsonBytes);
    return this.#added(lane, ENTRY_HEADER + jsonBytes);
  }

  /** Adds an entry that is complete. @returns its length */
  addWhole(lane: Lane, entry: Buffer): number {
    this.#reserve(entry.length);
    this.bytes.set(entry, this.length);
    return this.#added(lane, entry.length);
  }

  /** The JSON of the entry at a place of the segment, when it is the one with these 32 bytes. */
  jsonAt(place: number, key: Buffer): string | undefined {
    const at = place - this.place;
    if (at < 0 || at >= this.length) return undefined;
    if (this.bytes.compare(key, 0, KEY_BYTES, at + TENANT_AT, at + ENTRY_HEADER) !== 0) return undefined;
    return this.bytes.toString('utf8', at + ENTRY_HEADER, at + ENTRY_HEADER + this.bytes.readUInt32LE(at));
  }

  /** Tells each lane of its entries. */
  arrive(): void {
    const { segment, keys, lanes, length } = this;
    if (!segment) return;
    for (let index = 0; index < keys.length; index += 1) {
      const place = keys.place(index);
      const end = index + 1 < keys.length ? keys.place(index + 1) : this.place + length;
      lanes[index]?.arrived(segment.number, place, end - place);
    }
  }

  resolve(): void {
    this.#settled.resolve();
  }

  reject(reason: unknown): void {
    // Somebody waits for each entry, but not for entries that were moved here.
    this.#settled.promise.catch(() => undefined);
    this.#settled.reject(reason);
  }

  #added(lane: Lane, length: number): number {
    this.keys.push(keyHash(this.bytes, this.length + TENANT_AT, this.#seed), this.place + this.length);
    this.lanes.push(lane);
    this.length += length;
    return length;
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
