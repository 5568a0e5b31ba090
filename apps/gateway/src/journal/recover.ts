import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TENANT_AT, walkEntries } from './entry.ts';
import { keyHash } from './key-hash.ts';
import type { Lanes } from './lanes.ts';
import { convertOldSegment } from './old-segment.ts';
import { SEGMENT_HEADER, Segment, cutNote, headerOf, segmentName } from './segment.ts';
import { replaceFile } from './segment-files.ts';
import type { Segments } from './segments.ts';
import { type ShippedPositions, wasShipped } from './shipped-positions.ts';

export interface RecoverOptions {
  folder: string;
  segments: Segments;
  lanes: Lanes;
  /** What the collector had when the last process ended, as far as that is known. */
  positions: ShippedPositions;
  /** Seed of the hashes of the index. */
  seed: number;
  /** Most decisions in the index. */
  indexed: number;
  onDamage: (segment: Segment, place: number, bytes: Buffer) => void;
  /** The torn end of the last write of a process that was killed. */
  onTorn: (segment: Segment, place: number, bytes: Buffer) => void;
}

const NAME = /^\d{10}\.log$/;

/**
 * Reads what earlier processes left: all segments are checked, a torn end is cut off, the index is built again.
 * @returns the lowest number for a new segment
 * @throws the error of the disk; Error when a newer release wrote here
 */
export function recover(options: RecoverOptions): number {
  const { folder, positions } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const numbers = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .map((name) => Number(name.slice(0, 10)))
    .toSorted((a, b) => a - b);
  // Never a number that was used: positions of what was shipped go by it, also when its file is gone.
  let next = Math.max(numbers.at(-1) ?? 0, positions.end[0]) + 1;
  const last = numbers.at(-1);
  for (const number of numbers) {
    const path = join(folder, segmentName(number));
    const bytes = readCounting(path);
    const header = headerOf(bytes, path);
    if (header === 'torn') rmSync(path);
    else if (header === 'whole') load(options, new Segment(number, path, 0), bytes, number === last);
    else if (loadOld(options, path, bytes, next)) next += 1;
    else load(options, new Segment(number, path, 0), bytes, false);
  }
  return next;
}

/** The file, without what a note says does not count. */
function readCounting(path: string): Buffer {
  const note = cutNote(path);
  if (existsSync(note)) {
    truncateSync(path, Number(readFileSync(note, 'utf8')));
    rmSync(note);
  }
  return readFileSync(path);
}

function load(options: RecoverOptions, segment: Segment, bytes: Buffer, isLast: boolean): void {
  const { segments, lanes, positions, seed, onDamage, onTorn } = options;
  segment.closed = true;
  segment.lastAt = statSync(segment.path).mtimeMs;
  // With a header that is damaged, entries are looked for from the first byte on.
  const begin = headerOf(bytes, segment.path) === 'whole' ? SEGMENT_HEADER : 0;
  const whole = walkEntries(bytes, begin, {
    entry(at, length) {
      const lane = lanes.ofBytes(bytes, at + TENANT_AT);
      const hash = keyHash(bytes, at + TENANT_AT, seed);
      segment.add(lane, hash, at, length);
      segments.index.add(hash, segment.number, at);
      if (!wasShipped(positions, lane.tenantId, [segment.number, at]))
        lane.arrived(segment.number, at, length);
    },
    damage: (from, to) => onDamage(segment, from, bytes.subarray(from, to)),
  });
  segment.bytes = bytes.length;
  if (whole < bytes.length && isLast) {
    onTorn(segment, whole, bytes.subarray(whole));
    truncateSync(segment.path, whole);
    segment.bytes = whole;
  } else if (whole < bytes.length) onDamage(segment, whole, bytes.subarray(whole));
  if (segment.keys.length === 0) {
    rmSync(segment.path);
    return;
  }
  segments.push(segment);
  segments.bound(options.indexed);
}

/** @returns false when it is no segment of the old form either */
function loadOld(options: RecoverOptions, path: string, bytes: Buffer, number: number): boolean {
  const { converted, count, wholeBytes } = convertOldSegment(bytes);
  if (count === 0) return false;
  const segment = new Segment(number, join(options.folder, segmentName(number)), 0);
  if (wholeBytes < bytes.length) {
    const old = new Segment(Number(basename(path, '.log')), path, 0);
    options.onDamage(old, wholeBytes, bytes.subarray(wholeBytes));
  }
  replaceFile(segment.path, converted);
  rmSync(path);
  load(options, segment, converted, false);
  return true;
}
