import { type Rejection, checkEvent } from '../events/check-event.ts';
import type { EventRow } from '../events/event-row.ts';
import { type SubjectKeys, refuseSubjects, takeHashedSubject } from '../events/subject-keys.ts';
import { type NewLetter, letterOf } from '../letters/new-letter.ts';
import type { GroupCommitter } from '../writing/group-committer.ts';
import type { Batch } from './batch.ts';
import type { Ledger } from './ledger.ts';
import { type IngestOutcome, Outcome } from './outcome.ts';

export interface Ingest {
  /** Takes a batch of one tenant. What is answered as accepted, duplicate or rejected is committed. */
  take: (batch: Batch) => Promise<IngestOutcome>;
  /** The same checks without the store; nothing is written. What only the store can tell is left out. */
  validate: (batch: Batch) => Promise<IngestOutcome>;
}

export interface IngestOptions {
  committer: GroupCommitter;
  subjectKeys: SubjectKeys;
  /** Least time of an id for which there is a partition, in milliseconds since 1970. */
  oldestIdMs: () => number | undefined;
  ledger: Ledger;
  now: () => number;
  /** The key of a tenant's subjects could not be had; events with a subject are refused meanwhile. */
  onSubjectKeyLost: (error: unknown) => void;
}

/** Of the rejected events of a request that are more than this in all, only the beginnings are kept. */
const LETTERS_BYTES = 4 * 1024 * 1024;
/** An event that happened longer ago than this when it came is late. */
export const LATE_MS = 3_600_000;

interface Checked {
  rows: { index: number; row: EventRow }[];
  rejected: { index: number; rejection: Rejection; letter: NewLetter }[];
}

export function createIngest(options: IngestOptions): Ingest {
  const { committer, subjectKeys, oldestIdMs, ledger, now, onSubjectKeyLost } = options;

  async function check(batch: Batch, at: number): Promise<Checked | 'not_now'> {
    const oldest = oldestIdMs();
    // Nothing is known of the partitions yet: no id can be told to be too old, and one that is would fail its group.
    if (oldest === undefined) return 'not_now';
    const { tenantId, origin, importing } = batch;
    let hashSubject = takeHashedSubject;
    if (batch.subjectsHashed !== true) {
      hashSubject = refuseSubjects;
      if (batch.events.some(hasSubject)) {
        try {
          hashSubject = await subjectKeys.hasherOf(tenantId);
        } catch (error) {
          onSubjectKeyLost(error);
          return 'not_now';
        }
      }
    }
    const context = { tenantId, origin, importing, now: at, oldestIdMs: oldest, hashSubject };
    const checked: Checked = { rows: [], rejected: [] };
    let lettersBytes = 0;
    for (const [index, given] of batch.events.entries()) {
      const result = checkEvent(given, context);
      if (result.ok) {
        checked.rows.push({ index, row: result.row });
      } else {
        const letter = letterOf(given, result.rejection, {
          tenantId,
          origin,
          importId: importing?.id ?? null,
          hashSubject,
          brief: lettersBytes > LETTERS_BYTES,
        });
        lettersBytes += letter.event.length;
        checked.rejected.push({ index, rejection: result.rejection, letter });
      }
    }
    return checked;
  }

  async function store(batch: Batch, checked: Checked, at: number): Promise<IngestOutcome> {
    const { tenantId, origin } = batch;
    const failed = batch.mode === 'atomic' && checked.rejected.length > 0;
    const rows = failed ? [] : checked.rows;
    const ends = await committer.commit({
      tenantId,
      origin,
      rows: rows.map(({ row }) => row),
      letters: checked.rejected.map(({ letter }) => letter),
      atomic: batch.mode === 'atomic',
    });
    if (ends === 'full') return allRetry(batch, at);
    const outcome = new Outcome(batch);
    let place = 0;
    for (const end of ends) {
      for (const rowEnd of end.rows) {
        const entry = rows[place];
        if (entry) outcome.end(entry.index, entry.row.id, rowEnd, end.reason);
        place += 1;
      }
    }
    if (failed) for (const { index, row } of checked.rows) outcome.end(index, row.id, 'lost');
    const lettersStored = ends.every((end) => end.lettersStored);
    for (const { index, rejection } of checked.rejected) {
      // "Rejected" says that it is kept; while that cannot be said, it is to be sent again like the others.
      if (lettersStored) outcome.reject(index, rejection);
      else outcome.end(index, rejection.id, 'lost');
    }
    return outcome.finish(ends.reduce((latest, end) => Math.max(latest, end.receivedAt), at));
  }

  async function run(batch: Batch, at: number): Promise<IngestOutcome> {
    const checked = await check(batch, at);
    if (checked === 'not_now') return allRetry(batch, at);
    tellTimes(checked.rows, at);
    return store(batch, checked, at);
  }

  function tellTimes(rows: Checked['rows'], at: number): void {
    let [oldest, newest, late] = [at, at, 0];
    for (const { row } of rows) {
      if (row.occurredAt < oldest) oldest = row.occurredAt;
      if (row.occurredAt > newest) newest = row.occurredAt;
      if (row.occurredAt < at - LATE_MS) late += 1;
    }
    if (rows.length > 0) ledger.times({ oldestMs: at - oldest, aheadMs: newest - at, late });
  }

  return {
    async take(batch) {
      const at = now();
      ledger.received(batch.events.length);
      try {
        const outcome = await run(batch, at);
        ledger.ended(outcome);
        return outcome;
      } finally {
        ledger.closed(batch.events.length);
      }
    },
    async validate(batch) {
      const at = now();
      const checked = await check(batch, at);
      if (checked === 'not_now') return allRetry(batch, at);
      const failed = batch.mode === 'atomic' && checked.rejected.length > 0;
      const outcome = new Outcome(batch);
      for (const { index, row } of checked.rows) outcome.end(index, row.id, failed ? 'lost' : 'accepted');
      for (const { index, rejection } of checked.rejected) outcome.reject(index, rejection);
      return outcome.finish(at);
    },
  };
}

function hasSubject(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'subject' in given;
}

function allRetry(batch: Batch, at: number): IngestOutcome {
  const outcome = new Outcome(batch);
  for (const [index, given] of batch.events.entries()) {
    const id = typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined;
    outcome.end(index, typeof id === 'string' ? id.slice(0, 64) : null, 'lost');
  }
  return outcome.finish(at);
}
