import type { EventCode, EventResult } from '@rlaas/schemas';
import { type Rejection, checkEvent } from '../events/check-event.ts';
import type { EventRow } from '../events/event-row.ts';
import { type SubjectKeys, refuseSubjects, takeHashedSubject } from '../events/subject-keys.ts';
import { type NewLetter, letterOf } from '../letters/new-letter.ts';
import type { Chunk, RowEnd } from '../writing/chunk.ts';
import type { GroupCommitter } from '../writing/group-committer.ts';
import { CONFLICT_MESSAGE } from '../writing/write-group.ts';
import type { Batch } from './batch.ts';
import type { Ledger } from './ledger.ts';

/** What became of a batch: one result for each event, in its order. */
export interface IngestOutcome {
  results: EventResult[];
  /** Milliseconds since 1970. */
  receivedAt: number;
}

export interface Ingest {
  /** Takes a batch of one tenant. What is answered as accepted, duplicate or rejected is committed. */
  take(batch: Batch): Promise<IngestOutcome>;
  /** The same checks without the store; nothing is written. What only the store can tell is left out. */
  validate(batch: Batch): Promise<IngestOutcome>;
}

export interface IngestOptions {
  committer: GroupCommitter;
  subjectKeys: SubjectKeys;
  /** Least time of an id for which there is a partition, in milliseconds since 1970. */
  oldestIdMs: () => number;
  ledger: Ledger;
  now: () => number;
  /** The key of a tenant's subjects could not be had; events with a subject are refused meanwhile. */
  onSubjectKeyLost: (error: unknown) => void;
}

interface Checked {
  rows: { index: number; row: EventRow }[];
  rejected: { index: number; rejection: Rejection; letter: NewLetter }[];
}

export function createIngest(options: IngestOptions): Ingest {
  const { committer, subjectKeys, oldestIdMs, ledger, now, onSubjectKeyLost } = options;

  async function check(batch: Batch, at: number): Promise<Checked | 'no_subject_key'> {
    const { tenantId, origin, importing } = batch;
    let hashSubject = takeHashedSubject;
    if (batch.subjectsHashed !== true) {
      hashSubject = refuseSubjects;
      if (batch.events.some(hasSubject)) {
        try {
          hashSubject = await subjectKeys.hasherOf(tenantId);
        } catch (error) {
          onSubjectKeyLost(error);
          return 'no_subject_key';
        }
      }
    }
    const context = { tenantId, origin, importing, now: at, oldestIdMs: oldestIdMs(), hashSubject };
    const checked: Checked = { rows: [], rejected: [] };
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
        });
        checked.rejected.push({ index, rejection: result.rejection, letter });
      }
    }
    return checked;
  }

  async function store(batch: Batch, checked: Checked, at: number): Promise<IngestOutcome> {
    const { tenantId, origin } = batch;
    const failed = batch.mode === 'atomic' && checked.rejected.length > 0;
    const rows = failed ? [] : checked.rows;
    const request: Chunk = {
      tenantId,
      origin,
      rows: rows.map(({ row }) => row),
      letters: checked.rejected.map(({ letter }) => letter),
      atomic: batch.mode === 'atomic',
    };
    const ends = await committer.commit(request);
    if (ends === 'full') return { results: allRetry(batch.events), receivedAt: at };
    const rowEnds = ends.flatMap((end) => end.rows);
    const lettersStored = ends.every((end) => end.lettersStored);
    const reason = ends.find((end) => end.reason !== undefined)?.reason;
    const results: EventResult[] = rows.map(({ index, row }, place) =>
      resultOf(index, row.id, rowEnds[place] ?? 'lost', reason),
    );
    if (failed) results.push(...checked.rows.map(({ index, row }) => resultOf(index, row.id, 'lost')));
    for (const { index, rejection } of checked.rejected) {
      // "Rejected" says that it is kept; while that cannot be said, it is to be sent again like the others.
      results.push(lettersStored ? rejectedResult(index, rejection) : resultOf(index, rejection.id, 'lost'));
    }
    results.sort((a, b) => a.index - b.index);
    return { results, receivedAt: Math.max(at, ...ends.map((end) => end.receivedAt)) };
  }

  return {
    async take(batch) {
      const at = now();
      ledger.received(batch.events.length);
      try {
        const checked = await check(batch, at);
        const outcome =
          checked === 'no_subject_key'
            ? { results: allRetry(batch.events), receivedAt: at }
            : await store(batch, checked, at);
        if (checked !== 'no_subject_key') {
          for (const { row } of checked.rows) ledger.delay((at - row.occurredAt) / 1_000);
        }
        for (const { status, code, events } of tally(outcome.results)) ledger.ended(status, code, events);
        return outcome;
      } finally {
        ledger.closed(batch.events.length);
      }
    },
    async validate(batch) {
      const at = now();
      const checked = await check(batch, at);
      if (checked === 'no_subject_key') return { results: allRetry(batch.events), receivedAt: at };
      const failed = batch.mode === 'atomic' && checked.rejected.length > 0;
      const results = [
        ...checked.rows.map(({ index, row }) => resultOf(index, row.id, failed ? 'lost' : 'accepted')),
        ...checked.rejected.map(({ index, rejection }) => rejectedResult(index, rejection)),
      ];
      return { results: results.toSorted((a, b) => a.index - b.index), receivedAt: at };
    },
  };
}

function hasSubject(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'subject' in given;
}

function allRetry(events: readonly unknown[]): EventResult[] {
  return events.map((given, index) => {
    const id = typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined;
    return resultOf(index, typeof id === 'string' ? id.slice(0, 64) : null, 'lost');
  });
}

function rejectedResult(index: number, { id, code, path, message }: Rejection): EventResult {
  return { index, id, status: 'rejected', code, path, message };
}

function resultOf(index: number, id: string | null, end: RowEnd, reason?: string): EventResult {
  switch (end) {
    case 'accepted':
    case 'duplicate':
      return { index, id, status: end };
    case 'conflict':
      return { index, id, status: 'rejected', code: 'id_conflict', path: '/id', message: CONFLICT_MESSAGE };
    case 'unstorable':
      return { index, id, status: 'rejected', code: 'schema_invalid', path: '', message: reason ?? '' };
    case 'lost':
      return { index, id, status: 'retry', code: 'not_persisted' };
  }
}

interface Tally {
  status: EventResult['status'];
  code: EventCode | undefined;
  events: number;
}

function tally(results: readonly EventResult[]): Iterable<Tally> {
  const tallies = new Map<string, Tally>();
  for (const { status, code } of results) {
    const key = `${status} ${code ?? ''}`;
    const known = tallies.get(key);
    if (known) known.events += 1;
    else tallies.set(key, { status, code, events: 1 });
  }
  return tallies.values();
}
