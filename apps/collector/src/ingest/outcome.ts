import type { EventResult, IngestCounts } from '@rlaas/schemas';
import type { Rejection } from '../events/check-event.ts';
import type { RowEnd } from '../writing/chunk.ts';
import { CONFLICT_MESSAGE } from '../writing/write-group.ts';
import type { Batch } from './batch.ts';

/** What became of a batch. */
export interface IngestOutcome {
  counts: IngestCounts;
  /** In the order of the events: all that are not accepted, or one for each event where all were asked for. */
  results: EventResult[];
  /** Milliseconds since 1970. */
  receivedAt: number;
}

/** Collects what becomes of the events of a batch. Most are accepted, and of those only the number is kept. */
export class Outcome {
  readonly #listAll: boolean;
  readonly #counts: IngestCounts;
  readonly #results: EventResult[] = [];

  constructor({ events, listAll }: Pick<Batch, 'events' | 'listAll'>) {
    this.#listAll = listAll === true;
    this.#counts = { received: events.length, accepted: 0, duplicate: 0, rejected: 0, retry: 0 };
  }

  /** @param reason what Postgres said of an event that it refuses */
  end(index: number, id: string | null, end: RowEnd, reason?: string): void {
    if (end === 'accepted' && !this.#listAll) this.#counts.accepted += 1;
    else this.#add(resultOf(index, id, end, reason));
  }

  reject(index: number, { id, code, path, message }: Rejection): void {
    this.#add({ index, id, status: 'rejected', code, path, message });
  }

  /** @param receivedAt milliseconds since 1970 */
  finish(receivedAt: number): IngestOutcome {
    this.#results.sort((a, b) => a.index - b.index);
    return { counts: this.#counts, results: this.#results, receivedAt };
  }

  #add(result: EventResult): void {
    this.#counts[result.status] += 1;
    this.#results.push(result);
  }
}

function resultOf(index: number, id: string | null, end: RowEnd, reason = ''): EventResult {
  if (end === 'accepted' || end === 'duplicate') return { index, id, status: end };
  if (end === 'lost') return { index, id, status: 'retry', code: 'not_persisted' };
  if (end === 'conflict') {
    return { index, id, status: 'rejected', code: 'id_conflict', path: '/id', message: CONFLICT_MESSAGE };
  }
  return { index, id, status: 'rejected', code: 'schema_invalid', path: '', message: reason };
}
