import type { Transaction } from '@rlaas/database';
import type { Event } from '@rlaas/schemas';

/** An event on its way into the table. */
export interface NewEvent {
  event: Event;
  fingerprint: Buffer;
}

/** Fingerprints of those of the ids that the tenant has already. */
export async function findFingerprints(
  tx: Transaction,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, Buffer>> {
  const { rows } = await tx.query<{ id: string; fingerprint: Buffer }>(
    'select id, fingerprint from rlaas.events where tenant_id = $1 and id = any ($2)',
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.fingerprint]));
}

/**
 * Stores events as one batch, with a delivery of it for every consumer, in one statement.
 * @param events without two of the same id. Sorted here: unsorted, two requests that overlap could deadlock.
 * @returns ids that were stored; another request stored the others meanwhile
 */
export async function insertBatch(
  tx: Transaction,
  tenantId: string,
  events: readonly NewEvent[],
  receivedAt: Date,
): Promise<Set<string>> {
  const sorted = events.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const column = <T>(pick: (row: NewEvent) => T): T[] => sorted.map(pick);
  const { rows } = await tx.query<{ id: string }>(
    `with batch as (
       insert into rlaas.ingest_batches (received_at, rows) values ($2, $3) returning id
     ), stored as (
       insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 source, data, fingerprint, batch_id)
       select $1, e.id, e.type, e.schema_version, e.occurred_at, $2, e.policy, e.decision_id, e.source, e.data,
              e.fingerprint, batch.id
       from batch, unnest($4::uuid[], $5::text[], $6::int[], $7::timestamptz[], $8::text[], $9::uuid[], $10::text[],
                          $11::jsonb[], $12::bytea[])
         as e (id, type, schema_version, occurred_at, policy, decision_id, source, data, fingerprint)
       on conflict (tenant_id, id) do nothing
       returning id
     ), delivered as (
       insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
       select consumers.name, batch.id, $1 from batch, rlaas.consumers
     )
     select id from stored`,
    [
      tenantId,
      receivedAt,
      sorted.length,
      column(({ event }) => event.id),
      column(({ event }) => event.type),
      column(({ event }) => event.schema_version),
      column(({ event }) => event.occurred_at),
      column(({ event }) => (event.type === 'decision' ? event.policy : null)),
      column(({ event }) => (event.type === 'decision' ? event.id : event.decision_id)),
      column(({ event }) => event.source),
      column(({ event }) => JSON.stringify(event.data)),
      column((row) => row.fingerprint),
    ],
  );
  return new Set(rows.map((row) => row.id));
}
