import { withOwner } from '@rlaas/database';
import type { Snapshot, StoredEvent, StoredLetter } from '../history/snapshot.ts';

const PAGE = 5_000;

interface Key {
  tenant_id: string;
  id: string;
}

interface EventRow extends Key {
  type: string;
  schema_version: number;
  occurred_at: Date;
  source: string;
  data: unknown;
  policy?: string | null;
  decision_id?: string | null;
  external_id?: string | null;
  episode_id?: string | null;
}

interface LetterRow extends Key {
  event_id: string | null;
  code: string;
  event: string;
}

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Reads all events and dead letters, of every tenant. */
export function readTables(ownerUrl: string): Promise<Snapshot> {
  return withOwner(ownerUrl, async (client) => {
    async function readAll(
      table: 'rlaas.events' | 'rlaas.dead_letters',
      take: (row: Key) => void,
    ): Promise<void> {
      let last: Key = { tenant_id: FIRST, id: FIRST };
      for (;;) {
        const { rows } = await client.query<Key>(
          `select * from ${table} where (tenant_id, id) > ($1, $2) order by tenant_id, id limit ${PAGE}`,
          [last.tenant_id, last.id],
        );
        for (const row of rows) take(row);
        const end = rows.at(-1);
        if (!end || rows.length < PAGE) return;
        last = end;
      }
    }
    const events: StoredEvent[] = [];
    await readAll('rlaas.events', (row) => events.push(storedEvent(row as EventRow)));
    const { rows } = await client.query<{ there: boolean }>(
      "select to_regclass('rlaas.dead_letters') is not null as there",
    );
    if (rows[0]?.there !== true) return { events, letters: undefined };
    const letters: StoredLetter[] = [];
    await readAll('rlaas.dead_letters', (row) => letters.push(storedLetter(row as LetterRow)));
    return { events, letters };
  });
}

function storedEvent(row: EventRow): StoredEvent {
  const content: Record<string, unknown> = {
    id: row.id,
    type: row.type,
    schema_version: row.schema_version,
    occurred_at: row.occurred_at.toISOString(),
    source: row.source,
    data: row.data,
  };
  for (const name of ['policy', 'decision_id', 'external_id', 'episode_id'] as const) {
    if (typeof row[name] === 'string') content[name] = row[name];
  }
  return { tenantId: row.tenant_id, id: row.id, content };
}

function storedLetter(row: LetterRow): StoredLetter {
  return { tenantId: row.tenant_id, eventId: row.event_id, code: row.code, content: contentOf(row.event) };
}

function contentOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A letter may keep what is no JSON; then its text is what it keeps.
    return text;
  }
}
