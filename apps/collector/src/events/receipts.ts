import type { Database } from '@rlaas/database';
import { type EventQuery, type EventReceipt, type StoredEvent, encodeCursor, pageOf } from '@rlaas/schemas';
import { findLetterOfEvent } from '../store/kept-letters.ts';
import { findEvent, listEvents } from '../store/stored-events.ts';
import { isEventId } from './event-id.ts';

/** What became of events that were sent. */
export interface Receipts {
  /** @returns `undefined` for an id that never came */
  find(tenantId: string, id: string): Promise<EventReceipt | undefined>;
  /**
   * Stored events, the newest first. A page may be short although more follow.
   * @param before id behind which the page begins
   */
  list(
    tenantId: string,
    query: EventQuery,
    before: string | undefined,
  ): Promise<{ items: StoredEvent[]; next_cursor: string | null }>;
}

export function createReceipts(database: Database): Receipts {
  const reading = (tenantId: string) => ({
    role: 'rlaas_api' as const,
    tenants: [tenantId],
    readOnly: true,
  });
  return {
    find: (tenantId, id) =>
      database.transaction(reading(tenantId), async (tx): Promise<EventReceipt | undefined> => {
        // An event that is stored counts, also when another one with its id was rejected.
        const stored = isEventId(id) ? await findEvent(tx, tenantId, id) : undefined;
        if (stored) {
          const { event, importId } = stored;
          return {
            id,
            status: 'accepted',
            received_at: event.received_at,
            batch_id: event.batch_id,
            import_id: importId,
            event,
            dead_letter: null,
          };
        }
        const kept = await findLetterOfEvent(tx, tenantId, id);
        return (
          kept && {
            id,
            status: 'rejected',
            received_at: kept.letter.received_at,
            batch_id: null,
            import_id: kept.importId,
            event: null,
            dead_letter: kept.letter,
          }
        );
      }),
    async list(tenantId, query, before) {
      const { events, lookedTo } = await database.transaction(reading(tenantId), (tx) =>
        listEvents(tx, tenantId, query, { before, limit: query.limit }),
      );
      const page = pageOf(events, query.limit, (event) => event.id);
      if (page.next_cursor === null && lookedTo !== null) {
        return { ...page, next_cursor: encodeCursor(lookedTo) };
      }
      return page;
    },
  };
}
