import { newId } from '@rlaas/database';
import type { TestDatabase } from '@rlaas/testkit';

export const TENANT = '0190a000-0000-7000-8000-000000000001';

/** An event as a test stores it; what is absent is not there. Times are milliseconds since 1970. */
export interface StoredEvent {
  id?: string;
  type: string;
  at: number;
  /** Default: the time of the store. */
  receivedAt?: number;
  policy?: string;
  decision?: string;
  external?: string;
  episode?: string;
  data?: object;
  importId?: string;
}

/** Stores events as the collector does: all of a call in one batch. */
export function createEventStore(db: TestDatabase, now: () => number, policy: string) {
  return async function store(...events: StoredEvent[]): Promise<string[]> {
    const receivedAt = events[0]?.receivedAt ?? now();
    const [batch] = await db.sql<{ id: string }>(
      'insert into rlaas.ingest_batches (received_at, rows, tenants) values ($1, $2, $3) returning id',
      [new Date(receivedAt), events.length, `{${TENANT}}`],
    );
    const ids = events.map((event) => event.id ?? newId(Math.min(event.at, now())));
    const rows = events.map((event, index) => ({
      id: ids[index],
      type: event.type,
      at: new Date(event.at),
      received: new Date(event.receivedAt ?? receivedAt),
      policy: event.policy ?? (event.type === 'decision' || event.external || event.episode ? policy : null),
      decision: event.type === 'decision' ? ids[index] : event.decision,
      external: event.external,
      episode: event.episode,
      data: event.data ?? {},
      import_id: event.importId,
      ordinal: index + 1,
    }));
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 external_id, episode_id, source, data, fingerprint, batch_id, ordinal, import_id)
       select $1, e.id, e.type, 1, e.at, e.received, e.policy, e.decision, e.external, e.episode, 'test', e.data,
              '00112233445566778899aabbccddeeff', $2, e.ordinal, e.import_id
       from jsonb_to_recordset($3) as e (id uuid, type text, at timestamptz, received timestamptz, policy text,
         decision uuid, external text, episode text, data jsonb, ordinal int, import_id uuid)`,
      [TENANT, batch?.id, JSON.stringify(rows)],
    );
    await db.sql(
      `insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id) values ('reward', $1, $2)`,
      [batch?.id, TENANT],
    );
    return ids;
  };
}
