import { type Database, DatabaseError, type Transaction, codeOf } from '@rlaas/database';
import type { EventRow } from '../events/event-row.ts';
import { fingerprintHex } from '../events/fingerprint.ts';
import { type NewLetter, letterOfRow } from '../letters/new-letter.ts';
import { insertLetters } from '../store/new-letters.ts';
import { findKnown, insertGroup, insertNewGroup } from '../store/event-groups.ts';
import type { Chunk, ChunkEnd, RowEnd } from './chunk.ts';
import type { WriteGroup } from './group-committer.ts';
import type { SettledTime } from './settled-time.ts';

export interface WriteGroupOptions {
  database: Database;
  /** When groups are received, and up to when all of them have ended. */
  settling: SettledTime;
  /** Called before a group is received: sees to it that others wait for its end. Nothing is stored when it fails. */
  announce: () => Promise<void>;
  /** A group was committed. */
  onCommitted: (group: { rows: number; seconds: number }) => void;
  /** A group was not stored for a reason that is not its own; its events are answered as `retry`. */
  onLost: (error: unknown) => void;
  /** An id fell on a day without a partition. */
  onPartitionMissing: () => void;
}

const UNIQUE_VIOLATION = '23505';
/**
 * A process that stops in the middle of a group for longer stores nothing of it when it goes on: by then others have
 * counted it out (`settled_to`), and go by that all that was received in its time is there.
 */
const IDLE_MS = 4_000;
/** After a row that was there already, so many groups are written with an eye on such rows. */
const CAREFUL_GROUPS = 20;

/** Rows are first taken to be new, which most are, and looked at when that turns out wrong. */
type Taken = 'new' | 'as they are';

/** A conflict in a chunk that wants all or nothing; carries the conflicting places out of the transaction. */
class AtomicConflict extends Error {
  readonly ends: ChunkEnd;
  constructor(ends: ChunkEnd) {
    super('a conflict in an atomic chunk');
    this.ends = ends;
  }
}

/**
 * Writes chunks in one transaction. When Postgres refuses what is in it, the group is cut in halves until the row is
 * found that it refuses; that one is rejected alone.
 */
export function createWriteGroup(options: WriteGroupOptions): WriteGroup {
  const { database, settling, announce, onCommitted, onLost, onPartitionMissing } = options;
  /** So many groups are written carefully: whoever sends something again will send more of it. */
  let careful = 0;
  return (chunks) => {
    if (careful === 0) return write(chunks, 'new');
    careful -= 1;
    return write(chunks, 'as they are');
  };

  async function write(chunks: readonly Chunk[], taken: Taken = 'as they are'): Promise<ChunkEnd[]> {
    const startedAt = performance.now();
    try {
      const ends = await stamped([...new Set(chunks.map((chunk) => chunk.tenantId))], (tx, at) =>
        store(tx, chunks, at, taken),
      );
      const rows = chunks.reduce((sum, chunk) => sum + chunk.rows.length + chunk.letters.length, 0);
      onCommitted({ rows, seconds: (performance.now() - startedAt) / 1_000 });
      return ends;
    } catch (error) {
      if (taken === 'new' && codeOf(error) === UNIQUE_VIOLATION) {
        careful = CAREFUL_GROUPS;
        return write(chunks);
      }
      if (error instanceof AtomicConflict) return [await keepConflicts(chunks[0], error.ends)];
      if (isPartitionMissing(error)) onPartitionMissing();
      if (isPartitionMissing(error) || isRefused(error)) return bisect(chunks, error);
      onLost(error);
      return chunks.map(lost);
    }
  }

  /** A transaction that knows when what it stores was received. */
  async function stamped<T>(
    tenants: readonly string[],
    work: (tx: Transaction, at: number) => Promise<T>,
  ): Promise<T> {
    await announce();
    const begun: ReturnType<SettledTime['begin']>[] = [];
    let isKnown = true;
    try {
      const writing = { role: 'rlaas_worker', tenants, idleTimeoutMs: IDLE_MS } as const;
      return await database.transaction(writing, (tx) => {
        // Stamped in here, so that what is tried again is stamped again: never long before its commit.
        const group = settling.begin();
        begun.push(group);
        return work(tx, group.at);
      });
    } catch (error) {
      isKnown = !(error instanceof DatabaseError && error.code === 'commit_unknown');
      throw error;
    } finally {
      for (const group of begun) group.end(isKnown);
    }
  }

  async function bisect(chunks: readonly Chunk[], error: unknown): Promise<ChunkEnd[]> {
    if (chunks.length > 1) {
      const half = chunks.length >> 1;
      return [...(await write(chunks.slice(0, half))), ...(await write(chunks.slice(half)))];
    }
    const [chunk] = chunks;
    if (!chunk) return [];
    // It is no fault of the row: it finds its partition when it is sent again.
    if (isPartitionMissing(error) && (chunk.atomic || chunk.rows.length + chunk.letters.length === 1)) {
      onLost(error);
      return [lost(chunk)];
    }
    if (chunk.atomic && chunk.rows.length > 1) return [await refuseAll(chunk)];
    if (chunk.rows.length > 1 || (chunk.rows.length === 1 && chunk.letters.length > 0)) {
      const half = Math.max(1, chunk.rows.length >> 1);
      const [first] = await write([
        { ...chunk, rows: chunk.rows.slice(0, half), letters: [], atomic: false },
      ]);
      const [second] = await write([{ ...chunk, rows: chunk.rows.slice(half), atomic: false }]);
      return first && second ? [joined(first, second)] : [];
    }
    const [row] = chunk.rows;
    if (!row) {
      onLost(error);
      return [lost(chunk)];
    }
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Postgres cannot store it: ${reason}`;
    const letter = letterOfRow(row, { code: 'schema_invalid', path: '', message, origin: chunk.origin });
    const [kept] = await write([{ ...chunk, rows: [], letters: [letter] }]);
    if (kept?.lettersStored !== true) return [lost(chunk)];
    return [{ ...kept, rows: ['unstorable'], reason: message }];
  }

  /** Finds the row of an atomic chunk that is refused, by trying and taking back; the others are to be sent again. */
  async function refuseAll(chunk: Chunk): Promise<ChunkEnd> {
    let [from, to] = [0, chunk.rows.length];
    let reason: unknown;
    while (to - from > 1 || reason === undefined) {
      const half = to - from > 1 ? from + ((to - from) >> 1) : to;
      try {
        await tryRows(chunk.rows.slice(from, half), chunk.tenantId);
        // Nothing is wrong with these, so it is among the others; a whole that passes now has no culprit.
        if (half === to) return lost(chunk);
        from = half;
      } catch (error) {
        if (!isRefused(error)) {
          onLost(error);
          return lost(chunk);
        }
        reason = error;
        to = half;
      }
    }
    const [end] = await bisect([{ ...chunk, rows: chunk.rows.slice(from, to), atomic: false }], reason);
    if (end?.rows[0] !== 'unstorable') return lost(chunk);
    return { ...end, rows: chunk.rows.map((_, index) => (index === from ? 'unstorable' : 'lost')) };
  }

  async function tryRows(rows: readonly EventRow[], tenantId: string): Promise<void> {
    const takenBack = new Error('taken back');
    try {
      await stamped([tenantId], async (tx, at) => {
        await insertGroup(tx, rows, at);
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
  }

  /** Nothing of an atomic chunk with conflicts is stored but the letters that say why. */
  async function keepConflicts(chunk: Chunk | undefined, ends: ChunkEnd): Promise<ChunkEnd> {
    if (!chunk) return ends;
    const conflicts = chunk.rows.filter((_, index) => ends.rows[index] === 'conflict');
    const letters = [...chunk.letters, ...conflicts.map((row) => conflictLetter(row, chunk))];
    const [kept] = await write([{ ...chunk, rows: [], letters }]);
    if (kept?.lettersStored !== true) return lost(chunk);
    return { ...kept, rows: ends.rows.map((end) => (end === 'conflict' ? 'conflict' : 'lost')) };
  }
}

async function store(
  tx: Transaction,
  chunks: readonly Chunk[],
  receivedAt: number,
  taken: Taken,
): Promise<ChunkEnd[]> {
  const sorted = chunks
    .flatMap((chunk) => chunk.rows)
    .toSorted((a, b) => compare(a.tenantId, b.tenantId) || compare(a.id, b.id));
  const letters = chunks.flatMap((chunk) => chunk.letters);
  if (letters.length > 0) await insertLetters(tx, letters, receivedAt);
  const ends = new Map<EventRow, RowEnd>();
  if (sorted.length > 0 && taken === 'new') await insertNewGroup(tx, sorted, receivedAt);
  else if (sorted.length > 0) {
    const { batchId, stored } = await insertGroup(tx, sorted, receivedAt);
    if (stored < sorted.length) {
      await tell(tx, sorted, batchId, ends);
      await keepConflicting(tx, chunks, ends, receivedAt);
    }
  }
  return chunks.map((chunk) => endOf(chunk, ends, receivedAt));
}

function endOf(chunk: Chunk, ends: ReadonlyMap<EventRow, RowEnd>, receivedAt: number): ChunkEnd {
  return { rows: chunk.rows.map((row) => ends.get(row) ?? 'accepted'), lettersStored: true, receivedAt };
}

/** @throws AtomicConflict when a chunk wants all or nothing: then it is taken back */
async function keepConflicting(
  tx: Transaction,
  chunks: readonly Chunk[],
  ends: ReadonlyMap<EventRow, RowEnd>,
  receivedAt: number,
): Promise<void> {
  const letters: NewLetter[] = [];
  for (const chunk of chunks) {
    const conflicts = chunk.rows.filter((row) => ends.get(row) === 'conflict');
    if (chunk.atomic && conflicts.length > 0) throw new AtomicConflict(endOf(chunk, ends, receivedAt));
    letters.push(...conflicts.map((row) => conflictLetter(row, chunk)));
  }
  if (letters.length > 0) await insertLetters(tx, letters, receivedAt);
}

/** Tells for rows that were not all new which of them are: those that stand in this batch at their own place. */
async function tell(
  tx: Transaction,
  sorted: readonly EventRow[],
  batchId: string,
  ends: Map<EventRow, RowEnd>,
): Promise<void> {
  const known = new Map((await findKnown(tx, sorted)).map((row) => [`${row.tenant_id}/${row.id}`, row]));
  for (const [index, row] of sorted.entries()) {
    const there = known.get(`${row.tenantId}/${row.id}`);
    if (!there) throw new Error('an event was neither stored nor there before');
    if (there.batch_id === batchId && there.ordinal === index + 1) continue;
    const same = there.fingerprint.replaceAll('-', '') === fingerprintHex(row.fingerprint);
    ends.set(row, same ? 'duplicate' : 'conflict');
  }
}

function conflictLetter(row: EventRow, { origin }: Chunk): NewLetter {
  return letterOfRow(row, { code: 'id_conflict', path: '/id', message: CONFLICT_MESSAGE, origin });
}

export const CONFLICT_MESSAGE = 'another event with this id is stored; the first one stays';

function lost(chunk: Chunk): ChunkEnd {
  return { rows: chunk.rows.map(() => 'lost'), lettersStored: false, receivedAt: 0 };
}

function joined(first: ChunkEnd, second: ChunkEnd): ChunkEnd {
  const reason = first.reason ?? second.reason;
  return {
    rows: [...first.rows, ...second.rows],
    lettersStored: second.lettersStored,
    receivedAt: Math.max(first.receivedAt, second.receivedAt),
    ...(reason !== undefined && { reason }),
  };
}

/** 22: data that it cannot store; 23: a constraint; 54: larger than its limits. Everything else is no event's fault. */
function isRefused(error: unknown): boolean {
  if (error instanceof DatabaseError) return false;
  return /^(22|23|54)/.test(codeOf(error) ?? '');
}

/** The one violated check that has no name: the text of the error is in the server's language. */
function isPartitionMissing(error: unknown): boolean {
  if (codeOf(error) !== '23514' || !(error instanceof Error)) return false;
  return !('constraint' in error) || error.constraint === undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
