import { createTestDatabase } from '@rlaas/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyRows } from '../src/ingest/copy-reference.ts';
import { copyText } from '../src/ingest/copy-text.ts';
import { makeEvents } from '../src/ingest/events.ts';
import { type ReferenceTable, makeReferenceTable } from '../src/ingest/reference-table.ts';

const tenantId = '0190a000-0000-7000-8000-000000000001';
const database = await createTestDatabase({ seeded: true });
const client = new pg.Client({ connectionString: database.ownerUrl });
let reference: ReferenceTable;

beforeAll(async () => {
  await client.connect();
  reference = await makeReferenceTable(client);
});
afterAll(() => client.end());

/** What the catalogue says of a table and its partitions, under a name that both share. */
async function shapeOf(table: string): Promise<{ columns: object[]; indexes: string[]; parts: object[] }> {
  const columns = await database.sql<object>(
    `select attname, format_type(atttypid, atttypmod) as type, attnotnull, attidentity, attgenerated
     from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum`,
    [`rlaas.${table}`],
  );
  const indexes = await database.sql<{ definition: string }>(
    `select regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON (ONLY )?\\S+ ', '\\1') as definition
     from pg_index where indrelid = $1::regclass order by 1`,
    [`rlaas.${table}`],
  );
  const parts = await database.sql<object>(
    `select pg_get_expr(c.relpartbound, c.oid) as bounds,
            (select count(*)::int from pg_index where indrelid = c.oid) as indexes
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1`,
    [`rlaas.${table}`],
  );
  return { columns, indexes: indexes.map(({ definition }) => definition), parts };
}

test('it has the columns, indexes and partitions of rlaas.events', async () => {
  const shape = await shapeOf('events');
  expect(await shapeOf('bench_copy')).toEqual(shape);
  expect(reference.indexes).toBe(shape.indexes.length);
  expect(reference.indexes).toBeGreaterThan(0);
  expect(reference.partitions).toBe(shape.parts.length);
  expect(reference.columns.length).toBe(shape.columns.length);
});

test('COPY stores what the events say', async () => {
  const events = makeEvents(750, Date.now);
  const receivedAt = new Date();
  const rows = copyText(events, reference.columns, { tenantId, receivedAt });
  const elapsedMs = await copyRows(client, reference.columns, rows, events.length);
  expect(elapsedMs).toBeGreaterThan(0);
  const stored = await database.sql<Record<string, unknown>>(
    `select id, type, schema_version, occurred_at, decision_id, source, data, tenant_id, received_at
     from rlaas.bench_copy order by batch_id, id`,
  );
  const byId = new Map(stored.map((row) => [row['id'], row]));
  expect(byId.size).toBe(750);
  for (const event of events) {
    expect(byId.get(event.id)).toEqual({
      ...event,
      occurred_at: new Date(event.occurred_at),
      tenant_id: tenantId,
      received_at: receivedAt,
    });
  }
});

test('a COPY that stores another number of rows is no reference', async () => {
  const events = makeEvents(2, Date.now);
  const rows = copyText(events, reference.columns, { tenantId, receivedAt: new Date() });
  await expect(copyRows(client, reference.columns, rows, 3)).rejects.toThrow('2 of 3');
});
