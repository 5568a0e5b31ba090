import { newId } from '@rlaas/database';
import type { EventRow } from '../../src/events/event-row.ts';
import type { Chunk } from '../../src/writing/chunk.ts';

/** A row as checking makes it, of so many bytes. */
export function rowOf(changes: Partial<EventRow> = {}): EventRow {
  return {
    tenantId: 'tenant',
    id: newId(Date.now()),
    type: 'outcome',
    schemaVersion: 1,
    occurredAt: 0,
    policy: null,
    decisionId: null,
    externalId: null,
    episodeId: null,
    subject: null,
    source: 'test',
    data: '{}',
    text: '{}',
    fingerprint: '0123456789abcdef',
    importId: null,
    bytes: 300,
    ...changes,
  };
}

/** A chunk of so many rows of a tenant. */
export function chunkOf(tenantId: string, rows: number, changes: Partial<Chunk> = {}): Chunk {
  return {
    tenantId,
    origin: 'key',
    rows: Array.from({ length: rows }, () => rowOf({ tenantId })),
    letters: [],
    atomic: false,
    ...changes,
  };
}
