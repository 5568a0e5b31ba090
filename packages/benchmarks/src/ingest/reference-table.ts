import type pg from 'pg';
import type { Column } from './copy-text.ts';

/** The table beside rlaas.events that the reference fills. */
export const REFERENCE = 'rlaas.bench_copy';

/** What the reference table shares with rlaas.events, and what it cannot. */
export interface ReferenceTable {
  columns: Column[];
  indexes: number;
  partitions: number;
  /** Of rlaas.events; the reference has none. */
  foreignKeys: number;
}

/** Makes the table with the columns, constraints, indexes and partitions of rlaas.events, as the catalogue has them. */
export async function makeReferenceTable(client: pg.Client): Promise<ReferenceTable> {
  const partitioning = await client.query<{ key: string }>(
    `select pg_get_partkeydef(partrelid) as key from pg_partitioned_table where partrelid = 'rlaas.events'::regclass`,
  );
  const key = partitioning.rows[0]?.key;
  await client.query(
    `create table ${REFERENCE} (like rlaas.events including all)${key === undefined ? '' : ` partition by ${key}`}`,
  );
  const partitions = await client.query<{ name: string; bounds: string }>(
    `select replace(c.relname, 'events', 'bench_copy') as name, pg_get_expr(c.relpartbound, c.oid) as bounds
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'rlaas.events'::regclass and c.relispartition order by 1`,
  );
  for (const { name, bounds } of partitions.rows) {
    await client.query(
      `create table rlaas.${client.escapeIdentifier(name)} partition of ${REFERENCE} ${bounds}`,
    );
  }
  return {
    columns: await columnsOf(client),
    partitions: partitions.rows.length,
    ...(await constraintsOf(client)),
  };
}

async function columnsOf(client: pg.Client): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable
     from pg_attribute
     where attrelid = 'rlaas.events'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
     order by attnum`,
  );
  return rows;
}

async function constraintsOf(client: pg.Client): Promise<{ indexes: number; foreignKeys: number }> {
  const { rows } = await client.query<{ indexes: number; foreignKeys: number }>(
    `select (select count(*)::int from pg_index where indrelid = $1::regclass) as indexes,
            (select count(*)::int from pg_constraint
             where conrelid = 'rlaas.events'::regclass and contype = 'f') as "foreignKeys"`,
    [REFERENCE],
  );
  return rows[0] ?? { indexes: 0, foreignKeys: 0 };
}
