import { crc32c } from './crc32c.ts';
import { ENTRY_HEADER, ID_AT, TENANT_AT, sealEntry } from './entry.ts';
import { segmentHeader } from './segment.ts';
import { writeUuid } from './uuid-bytes.ts';

// The first form of segments had no header: length and CRC-32C of each entry, then `{"tenantId":…,"event":{…}}` as JSON.
const OLD_HEADER = 8;

/** What is in a segment of the old form. */
export interface OldSegment {
  /** The same entries in today's form, with the header of a segment. */
  converted: Buffer;
  count: number;
  /** Where the last whole entry ends. */
  wholeBytes: number;
}

export function convertOldSegment(bytes: Buffer): OldSegment {
  const parts: Buffer[] = [segmentHeader()];
  let at = 0;
  while (at + OLD_HEADER <= bytes.length) {
    const end = at + OLD_HEADER + bytes.readUInt32LE(at);
    if (end > bytes.length || crc32c(bytes, at + OLD_HEADER, end) !== bytes.readUInt32LE(at + 4)) break;
    // Written by an earlier release of this program and guarded by a checksum.
    const { tenantId, event } = JSON.parse(bytes.toString('utf8', at + OLD_HEADER, end)) as {
      tenantId: string;
      event: { id: string };
    };
    parts.push(entryOf(tenantId, event.id, JSON.stringify(event)));
    at = end;
  }
  return { converted: Buffer.concat(parts), count: parts.length - 1, wholeBytes: at };
}

function entryOf(tenantId: string, id: string, json: string): Buffer {
  const jsonBytes = Buffer.byteLength(json);
  const entry = Buffer.alloc(ENTRY_HEADER + jsonBytes);
  writeUuid(tenantId, entry, TENANT_AT);
  writeUuid(id, entry, ID_AT);
  entry.write(json, ENTRY_HEADER);
  sealEntry(entry, 0, jsonBytes);
  return entry;
}
