import { type Database, DatabaseError } from '@rlaas/database';
import type { EventResult } from '@rlaas/schemas';
import { type NewEvent, findFingerprints, insertBatch } from '../store/events.ts';
import { checkEvent } from './check-event.ts';
import { fingerprint } from './fingerprint.ts';

/** What became of a batch: one result for each event, in its order. */
export interface IngestOutcome {
  results: EventResult[];
  receivedAt: Date;
}

/** Takes a batch of one tenant. What is answered as accepted or duplicate is committed. */
export type Ingest = (batch: {
  tenantId: string;
  events: readonly unknown[];
  trusted: boolean;
}) => Promise<IngestOutcome>;

export function createIngest(options: {
  database: Database;
  now: () => number;
  /** Told of lost infrastructure; the events of the batch are answered as `retry`. */
  onLost: (error: DatabaseError) => void;
}): Ingest {
  const { database, now, onLost } = options;
  return async ({ tenantId, events, trusted }) => {
    const receivedAt = new Date(now());
    const results: EventResult[] = [];
    const fresh = new Map<string, { index: number; row: NewEvent }>();
    const repeated: { index: number; row: NewEvent }[] = [];
    for (const [index, given] of events.entries()) {
      const checked = checkEvent(given, { trusted, now: receivedAt.getTime() });
      if (checked.ok) {
        const { event } = checked;
        const entry = { index, row: { event, fingerprint: fingerprint(event) } };
        if (fresh.has(event.id)) repeated.push(entry);
        else fresh.set(event.id, entry);
      } else {
        const { ok: _ok, ...reason } = checked;
        results.push({ index, status: 'rejected', ...reason });
      }
    }
    try {
      const known = await store(
        tenantId,
        [...fresh.values()].map(({ row }) => row),
        receivedAt,
      );
      for (const { index, row } of fresh.values())
        results.push(resultOf(index, row, known.get(row.event.id)));
      for (const { index, row } of repeated) {
        results.push(resultOf(index, row, fresh.get(row.event.id)?.row.fingerprint));
      }
    } catch (error) {
      // Whether it was stored may not be known; either way the same events can be sent again.
      if (!(error instanceof DatabaseError)) throw error;
      onLost(error);
      for (const { index, row } of [...fresh.values(), ...repeated]) {
        results.push({ index, id: row.event.id, status: 'retry', code: 'not_persisted' });
      }
    }
    return { results: results.toSorted((a, b) => a.index - b.index), receivedAt };
  };

  /** Stores what is new and returns the fingerprints of what was there before. */
  async function store(
    tenantId: string,
    rows: readonly NewEvent[],
    receivedAt: Date,
  ): Promise<Map<string, Buffer>> {
    if (rows.length === 0) return new Map();
    // Idempotent: run again after a COMMIT whose answer was lost, it finds its own rows and stores nothing.
    return database.transaction(
      { role: 'rlaas_worker', tenants: [tenantId], idempotent: true },
      async (tx) => {
        const ids = rows.map((row) => row.event.id);
        const known = await findFingerprints(tx, tenantId, ids);
        const unknown = rows.filter((row) => !known.has(row.event.id));
        if (unknown.length === 0) return known;
        const stored = await insertBatch(tx, tenantId, unknown, receivedAt);
        // Another request was faster with these: now they can be seen.
        const lost = unknown.filter((row) => !stored.has(row.event.id)).map((row) => row.event.id);
        if (lost.length === 0) return known;
        return new Map([...known, ...(await findFingerprints(tx, tenantId, lost))]);
      },
    );
  }
}

function resultOf(
  index: number,
  { event, fingerprint: mine }: NewEvent,
  known: Buffer | undefined,
): EventResult {
  if (known === undefined) return { index, id: event.id, status: 'accepted' };
  if (known.equals(mine)) return { index, id: event.id, status: 'duplicate' };
  return {
    index,
    id: event.id,
    status: 'rejected',
    code: 'id_conflict',
    path: '/id',
    message: 'another event with this id is stored',
  };
}
