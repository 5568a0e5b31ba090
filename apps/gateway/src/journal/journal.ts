import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Chunks, readPart } from './chunks.ts';
import { DecisionIndex } from './decision-index.ts';
import { ENTRY_HEADER, KEY_BYTES, MOST_JSON_BYTES, TENANT_AT, entryLength } from './entry.ts';
import { lockFolder } from './folder-lock.ts';
import { JournalFull } from './journal-full.ts';
import { JournalWriter } from './journal-writer.ts';
import { keyHash } from './key-hash.ts';
import { Lanes } from './lanes.ts';
import { recover } from './recover.ts';
import type { Segment } from './segment.ts';
import { type SegmentFiles, diskFiles } from './segment-files.ts';
import { Segments } from './segments.ts';
import { createSetAside } from './set-aside.ts';
import { type ShipmentSource, createShipmentSource } from './shipment-source.ts';
import { keepPositions, positionsText, readPositions } from './shipped-positions.ts';
import { Space } from './space.ts';
import { UUID_BYTES, writeUuid } from './uuid-bytes.ts';

export interface JournalOptions {
  /** Folder of this gateway alone. */
  folder: string;
  now: () => number;
  /** Decisions are found for so long at least, unless the bounds say otherwise. */
  keepMs: number;
  /** Most bytes on disk, of segments; what was set aside does not count. */
  maxBytes: number;
  /** `always`: survives the loss of power; `never`: the end of the process, however that ends. */
  fsync: 'never' | 'always';
  /** Bytes that are no entry were found, behind them maybe others that are: a broken disk, or somebody wrote there. */
  onDamage: (found: FoundBytes) => void;
  /** A torn end was cut off; nobody was answered what stood there. */
  onTorn: (found: FoundBytes) => void;
  /** Most decisions that can be found by id. */
  indexed?: number;
  /** A new segment is begun at this size. */
  segmentBytes?: number;
  files?: SegmentFiles;
}

/** Bytes that were found in a segment. */
export interface FoundBytes {
  segment: string;
  place: number;
  bytes: number;
  /** Where they were set aside. */
  file: string;
}

/** The gateway's log of decisions: segments on local disk, written before the answer goes out. */
export interface Journal {
  /**
   * Adds a decision. Resolves when it is as durable as was asked for: with one write for all of the same turn of the
   * event loop, and one sync.
   *
   * Rejects with JournalFull or the error of the disk; then the entry is never shipped, unless the disk refuses to cut
   * it off again, to note that down, and every write until the process ends.
   * @param json the event, whose id is `id`
   */
  append: (tenantId: string, id: string, json: string) => Promise<void>;
  /**
   * The JSON of the decision that was recorded with this id in the last minutes, also before a restart. One that is just
   * being written comes when it is; `undefined` then, too, when that fails.
   * @throws TypeError when an id is no UUID; the error of the disk
   */
  find: (tenantId: string, id: string) => string | Promise<string | undefined> | undefined;
  /** What the shipper takes from it. */
  readonly shipments: ShipmentSource;
  /** What the collector does not have yet. */
  waiting: () => { entries: number; bytes: number };
  bytesOnDisk: () => number;
  /** Frees what can be freed, and keeps what is shipped for the next start; called each second or so. @throws the error of the disk */
  tidy: () => Promise<void>;
  /** Writes what is there, and gives the folder free. */
  close: () => Promise<void>;
}

/** Some 80 MiB with what is needed to take them out again. At 2 KiB a decision 1 GiB of journal holds a quarter of them. */
const INDEXED = 2_097_152;
const SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENT_AGE_MS = 60_000;
/** Entries and bytes of a shipment; the collector takes twice as much. */
const SHIPMENT_ENTRIES = 500;
const SHIPMENT_BYTES = 4 * 1024 * 1024;
/** Read at once when a decision is looked for; most are shorter. */
const USUAL_BYTES = 4_096;

/**
 * Opens the journal of a folder and reads what was left there.
 * @throws Error when another process has the folder, or a newer release wrote there; the error of the disk
 */
export function openJournal(options: JournalOptions): Journal {
  const {
    folder,
    now,
    keepMs,
    maxBytes,
    fsync,
    onDamage,
    onTorn,
    indexed = INDEXED,
    files = diskFiles,
  } = options;
  const segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.floor(maxBytes / 16));
  const unlock = lockFolder(folder);
  try {
    return opened();
  } catch (error) {
    unlock();
    throw error;
  }

  function opened(): Journal {
    const seed = randomBytes(4).readUInt32LE();
    const setAside = createSetAside(join(folder, 'rejected'));
    const positionsPath = join(folder, 'shipped');
    const segments = new Segments(new DecisionIndex());
    const lanes = new Lanes(SHIPMENT_ENTRIES);
    const found =
      (kind: 'damaged' | 'torn', tell: (found: FoundBytes) => void) =>
      (segment: Segment, place: number, bytes: Buffer): void => {
        if (segment.damaged.has(place)) return;
        const file = setAside.bytes(kind, segment.number, place, bytes);
        segment.damaged.add(place);
        if (file !== undefined) tell({ segment: segment.path, place, bytes: bytes.length, file });
      };
    const damaged = found('damaged', onDamage);
    const chunks = new Chunks(lanes, damaged);
    const next = recover({
      folder,
      segments,
      lanes,
      positions: readPositions(positionsPath),
      seed,
      indexed,
      onDamage: damaged,
      onTorn: found('torn', onTorn),
    });
    const writer = new JournalWriter({
      folder,
      next,
      segments,
      seed,
      files,
      fsync,
      now,
      segmentBytes,
      segmentAgeMs: SEGMENT_AGE_MS,
      onDiskFull: () => space.relieve(),
    });
    const space = new Space({ segments, lanes, chunks, writer, now, keepMs, maxBytes, segmentBytes });
    const shipments = createShipmentSource({
      lanes,
      segments,
      chunks,
      now,
      entries: SHIPMENT_ENTRIES,
      bytes: SHIPMENT_BYTES,
      onShipped: () => space.shipped(),
      setAside: setAside.rejected,
    });
    const key = Buffer.alloc(KEY_BYTES);
    let isOpen = true;
    let kept = '';

    function keep(): void {
      const text = positionsText(lanes, writer.end);
      if (text !== kept) keepPositions(positionsPath, text);
      kept = text;
    }

    return {
      append(tenantId, id, json) {
        if (!isOpen) return Promise.reject(new Error('the journal is closed'));
        if (json.length > MOST_JSON_BYTES / 3)
          return Promise.reject(new RangeError('the decision is too large'));
        try {
          const lane = lanes.of(tenantId);
          if (!space.hasRoom(lane, ENTRY_HEADER + json.length)) return Promise.reject(new JournalFull());
          const written = writer.append(lane, id, json);
          if (segments.index.size > indexed) segments.bound(indexed);
          return written;
        } catch (error) {
          return Promise.reject(error);
        }
      },
      find(tenantId, id) {
        writeUuid(tenantId, key, 0);
        writeUuid(id, key, UUID_BYTES);
        let json: string | Promise<string | undefined> | undefined;
        segments.index.find(keyHash(key, 0, seed), (number, place) => {
          const pending = writer.find(number, place, key);
          const segment = segments.find(number);
          if (pending) json = pending.written.then(() => pending.json).catch(() => undefined);
          else if (segment && place < segment.bytes) json = readDecision(segment, place, key);
          return json !== undefined;
        });
        return json;
      },
      shipments,
      waiting() {
        let [entries, bytes] = [0, 0];
        for (const lane of lanes.all()) {
          entries += Math.max(0, lane.waitingEntries);
          bytes += Math.max(0, lane.waitingBytes);
        }
        return { entries, bytes };
      },
      bytesOnDisk: () => segments.bytes,
      async tidy() {
        writer.closeOld();
        try {
          await space.free();
        } finally {
          // Last: it needs room on the disk, and freeing makes some.
          keep();
        }
      },
      async close() {
        isOpen = false;
        try {
          await writer.close();
          keep();
        } finally {
          unlock();
        }
      },
    };
  }
}

/** The JSON at a place, when it is the decision with these 32 bytes, whole and undamaged. */
function readDecision(segment: Segment, place: number, key: Buffer): string | undefined {
  const first = readPart(segment.path, place, Math.min(place + USUAL_BYTES, segment.bytes));
  if (first.length < ENTRY_HEADER || first.compare(key, 0, KEY_BYTES, TENANT_AT, ENTRY_HEADER) !== 0) {
    return undefined;
  }
  const length = ENTRY_HEADER + first.readUInt32LE(0);
  if (place + length > segment.bytes) return undefined;
  const entry =
    length <= first.length ? first.subarray(0, length) : readPart(segment.path, place, place + length);
  return entryLength(entry, 0) > 0 ? entry.toString('utf8', ENTRY_HEADER) : undefined;
}
