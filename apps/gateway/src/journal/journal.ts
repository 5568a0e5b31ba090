import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionEvent } from '@rlaas/schemas';
import { SegmentWriter, repairSegment } from './segment.ts';

/** A decision on its way to the collector. */
export interface JournalEntry {
  tenantId: string;
  event: DecisionEvent;
}

/** Entries of one closed segment, or of the current one so far. */
interface JournalBatch {
  entries: JournalEntry[];
  /** Says that the collector has them all. */
  shipped(): void;
}

export interface JournalOptions {
  /** Folder of this gateway alone. */
  folder: string;
  now: () => number;
  onTorn: (segment: string, bytes: number) => void;
  /** A new segment is begun at this size. */
  segmentBytes?: number;
  /** Shipped entries are kept this long, so that a repeated request finds its decision also after a restart. */
  keepMs: number;
}

interface Segment {
  path: string;
  entries: JournalEntry[];
  /** Length of each entry as JSON. */
  lengths: number[];
  /** How many of the entries the collector has; 0 after a restart: it takes what it has already as duplicates. */
  shippedCount: number;
  lastAt: number;
}

/** The gateway's log of decisions: segments on local disk, appended before the answer goes out. */
export interface Journal {
  /** @throws when the disk refuses; then nothing was decided */
  append(entry: JournalEntry): void;
  /**
   * What the collector does not have yet, oldest first, at most `limit` entries and about `limitBytes`, but at least
   * one; `undefined` when it has everything.
   */
  next(limit: number, limitBytes: number): JournalBatch | undefined;
  /** Entries that are still on disk, oldest first: those of the last minutes at least. */
  kept(): JournalEntry[];
  /** Entries that the collector does not have yet. */
  waiting(): number;
  close(): void;
}

export function openJournal(options: JournalOptions): Journal {
  const { folder, now, onTorn, segmentBytes = 1_048_576, keepMs } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const segments: Segment[] = [];
  let number = 0;
  for (const name of readdirSync(folder)
    .filter((file) => /^\d{10}\.log$/.test(file))
    .toSorted()) {
    const path = join(folder, name);
    const { entries, tornBytes } = repairSegment(path);
    if (tornBytes > 0) onTorn(path, tornBytes);
    number = Number(name.slice(0, 10));
    segments.push({
      path,
      entries: entries.map(parse),
      lengths: entries.map((entry) => entry.length),
      shippedCount: 0,
      lastAt: now(),
    });
  }
  let writer = begin();

  function begin(): SegmentWriter {
    number += 1;
    const path = join(folder, `${String(number).padStart(10, '0')}.log`);
    segments.push({ path, entries: [], lengths: [], shippedCount: 0, lastAt: now() });
    return new SegmentWriter(path);
  }

  /** Removes segments that the collector has whole and that nobody will ask for again. */
  function free(): void {
    const oldest = now() - keepMs;
    while (segments.length > 1) {
      const [segment] = segments;
      if (!segment || segment.shippedCount < segment.entries.length || segment.lastAt > oldest) return;
      rmSync(segment.path);
      segments.shift();
    }
  }

  return {
    append(entry) {
      const bytes = Buffer.from(JSON.stringify(entry));
      writer.append(bytes);
      const current = segments.at(-1);
      if (current) {
        current.entries.push(entry);
        current.lengths.push(bytes.length);
        current.lastAt = now();
      }
      if (writer.bytes < segmentBytes) return;
      writer.close();
      writer = begin();
    },
    next(limit, limitBytes) {
      const segment = segments.find((one) => one.shippedCount < one.entries.length);
      if (!segment) return undefined;
      const from = segment.shippedCount;
      let to = from;
      let bytes = 0;
      while (to < segment.entries.length && to - from < limit && (to === from || bytes < limitBytes)) {
        bytes += segment.lengths[to] ?? 0;
        to += 1;
      }
      const entries = segment.entries.slice(from, to);
      return {
        entries,
        shipped() {
          segment.shippedCount = from + entries.length;
          free();
        },
      };
    },
    kept: () => segments.flatMap((segment) => segment.entries),
    waiting: () => segments.reduce((sum, segment) => sum + segment.entries.length - segment.shippedCount, 0),
    close: () => writer.close(),
  };
}

function parse(entry: Buffer): JournalEntry {
  // Written by this program and guarded by a checksum.
  return JSON.parse(entry.toString('utf8')) as JournalEntry;
}
