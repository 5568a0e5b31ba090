import { crc32c } from './crc32c.ts';
import { UUID_BYTES } from './uuid-bytes.ts';

// An entry: length of its JSON and CRC-32C of all that follows, both of 32 bits and little-endian; the tenant's id and
// the decision's as 16 bytes each; the JSON in UTF-8.

const CRC_AT = 4;
export const TENANT_AT = 8;
export const ID_AT = TENANT_AT + UUID_BYTES;
/** Tenant and id: what a decision is found by. */
export const KEY_BYTES = 2 * UUID_BYTES;
/** Bytes of an entry before its JSON. */
export const ENTRY_HEADER = TENANT_AT + KEY_BYTES;
/** More than any decision has: a length beyond is damage. */
export const MOST_JSON_BYTES = 4 * 1024 * 1024;

/** Completes an entry whose tenant, id and JSON stand in `bytes` already. */
export function sealEntry(bytes: Buffer, at: number, jsonBytes: number): void {
  bytes.writeUInt32LE(jsonBytes, at);
  bytes.writeUInt32LE(crc32c(bytes, at + TENANT_AT, at + ENTRY_HEADER + jsonBytes), at + CRC_AT);
}

/** Bytes of the whole, undamaged entry at a place, with its header; 0 when there is none. */
export function entryLength(bytes: Buffer, at: number): number {
  if (at + ENTRY_HEADER > bytes.length) return 0;
  const jsonBytes = bytes.readUInt32LE(at);
  const end = at + ENTRY_HEADER + jsonBytes;
  if (jsonBytes < 2 || jsonBytes > MOST_JSON_BYTES || end > bytes.length) return 0;
  return bytes.readUInt32LE(at + CRC_AT) === crc32c(bytes, at + TENANT_AT, end) ? end - at : 0;
}

/** Hears what is found in the bytes of a segment. Places count from the begin of the bytes. */
export interface EntryVisitor {
  entry: (at: number, length: number) => void;
  /** Bytes before a whole entry that are none. */
  damage: (from: number, to: number) => void;
}

/**
 * Walks over all whole entries from a place on. Where one is damaged it goes on at the next place at which a whole one
 * begins. That is never inside of another's JSON: a length has a byte of 0, which JSON escapes.
 * @returns where the last whole entry ends; what follows is torn, damaged, or goes on beyond the bytes
 */
export function walkEntries(bytes: Buffer, from: number, visitor: EntryVisitor): number {
  let at = from;
  while (at < bytes.length) {
    let length = entryLength(bytes, at);
    let next = at;
    while (length === 0 && next < bytes.length) {
      next += 1;
      length = entryLength(bytes, next);
    }
    if (length === 0) return at;
    if (next > at) visitor.damage(at, next);
    visitor.entry(next, length);
    at = next + length;
  }
  return at;
}
