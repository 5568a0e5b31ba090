import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { crc32c } from './crc32c.ts';

/** Length of an entry and its CRC-32C, both little-endian, then the entry itself. */
const HEADER_BYTES = 8;

/** An entry as it is written. */
export function frame(entry: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + entry.length);
  framed.writeUInt32LE(entry.length, 0);
  framed.writeUInt32LE(crc32c(entry), 4);
  framed.set(entry, HEADER_BYTES);
  return framed;
}

/**
 * Reads the whole entries of a segment. Whoever was killed while writing leaves a torn entry at the end, which was
 * never answered: reading stops before it.
 */
export function readSegment(bytes: Buffer): { entries: Buffer[]; wholeBytes: number } {
  const entries: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const entry = bytes.subarray(at + HEADER_BYTES, end);
    if (crc32c(entry) !== bytes.readUInt32LE(at + 4)) break;
    entries.push(entry);
    at = end;
  }
  return { entries, wholeBytes: at };
}

/** Reads a segment from its file and cuts a torn end off, so that what is appended later can be read. */
export function repairSegment(path: string): { entries: Buffer[]; tornBytes: number } {
  const bytes = readFileSync(path);
  const { entries, wholeBytes } = readSegment(bytes);
  if (wholeBytes < bytes.length) truncateSync(path, wholeBytes);
  return { entries, tornBytes: bytes.length - wholeBytes };
}

/** A segment that entries are appended to. When `append` returns, the entry survives the end of this process. */
export class SegmentWriter {
  readonly path: string;
  bytes = 0;
  readonly #file: number;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'ax', 0o600);
  }

  append(entry: Uint8Array): void {
    const framed = frame(entry);
    let written = 0;
    while (written < framed.length) written += writeSync(this.#file, framed, written);
    this.bytes += framed.length;
  }

  close(): void {
    closeSync(this.#file);
  }
}
