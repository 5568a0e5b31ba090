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
    for (const [index, event] of events.entries()) {
      const decision = event.type === 'decision' ? ids[index] : event.decision;
      await db.sql(
        `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                   external_id, episode_id, source, data, fingerprint, batch_id, ordinal, import_id)
         values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, 'test', $10, '00112233445566778899aabbccddeeff', $11, $12, $13)`,
        [
          TENANT,
          ids[index],
          event.type,
          new Date(event.at),
          new Date(event.receivedAt ?? receivedAt),
          event.policy ?? (event.type === 'decision' || event.external || event.episode ? policy : null),
          decision,
          event.external,
          event.episode,
          event.data ?? {},
          batch?.id,
          index + 1,
          event.importId,
        ],
      );
    }
    await db.sql(
      `insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id) values ('reward', $1, $2)`,
      [batch?.id, TENANT],
    );
    return ids;
  };
}
