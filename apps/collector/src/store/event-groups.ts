import { ArrayParameter, type ElementType, type Transaction } from '@rlaas/database';
import type { EventRow } from '../events/event-row.ts';

/** A group as it was stored. */
export interface StoredGroup {
  batchId: string;
  /** How many of the rows are new. */
  stored: number;
}

/** A column of the table, and how a row's value gets into an array. */
interface Column {
  name: string;
  type: ElementType;
  /** About what a value weighs. */
  bytes: number;
  value: (row: EventRow) => string | number | Buffer | null;
}

const text = (name: string, value: Column['value'], bytes = 16): Column => ({
  name,
  type: 'text',
  bytes,
  value,
});
const uuid = (name: string, value: Column['value']): Column => ({ name, type: 'uuid', bytes: 20, value });

const COLUMNS: readonly Column[] = [
  uuid('tenant_id', (row) => row.tenantId),
  text('type', (row) => row.type),
  { name: 'schema_version', type: 'int4', bytes: 8, value: (row) => row.schemaVersion },
  { name: 'occurred_at', type: 'timestamptz', bytes: 12, value: (row) => row.occurredAt },
  text('policy', (row) => row.policy),
  uuid('decision_id', (row) => row.decisionId),
  text('external_id', (row) => row.externalId),
  text('episode_id', (row) => row.episodeId),
  { name: 'subject', type: 'bytea', bytes: 36, value: (row) => row.subject },
  text('source', (row) => row.source),
  uuid('import_id', (row) => row.importId),
];

/**
 * Stores the rows of a group as one batch, with a delivery of it to every consumer for each tenant, in one statement.
 * What is there already stays as it is.
 * @param rows at least one, sorted by tenant and id: unsorted, two groups that overlap could deadlock
 */
export async function insertGroup(
  tx: Transaction,
  rows: readonly EventRow[],
  receivedAt: number,
): Promise<StoredGroup> {
  const { select, values, tenants } = insertion(rows, receivedAt);
  const { rows: answer } = await tx.query<{ id: string; rows: number }>(
    `with batch as (
       select nextval('rlaas.ingest_batches_id_seq') as id
     ), stored as (
       ${select} on conflict do nothing returning tenant_id
     ), tally as (
       select count(*)::int as rows, ${tenants ?? 'array_agg(distinct tenant_id)'} as tenants from stored
     ), noted as (
       insert into rlaas.ingest_batches (id, received_at, rows, tenants) overriding system value
       select batch.id, $1, tally.rows, tally.tenants from batch, tally where tally.rows > 0
     ), delivered as (
       insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
       select consumers.name, batch.id, tenant
       from batch, tally, unnest(tally.tenants) tenant, rlaas.consumers where tally.rows > 0
     )
     select batch.id, tally.rows from batch, tally`,
    values,
  );
  const [group] = answer;
  if (!group) throw new Error('an insert of a group answered nothing');
  return { batchId: group.id, stored: group.rows };
}

/**
 * The same for rows that are taken to be new, as the last statement of the transaction. Passing over those that are there
 * costs a fifth more for every row, since each is inserted on approval; here one of them fails all.
 * @throws the driver's unique_violation (23505) when one is there already; then nothing is stored
 */
export async function insertNewGroup(
  tx: Transaction,
  rows: readonly EventRow[],
  receivedAt: number,
): Promise<void> {
  const { select, values, tenants } = insertion(rows, receivedAt);
  const distinct = tenants ?? `$${values.push([...new Set(rows.map((row) => row.tenantId))])}::uuid[]`;
  const { rowCount } = await tx.last(
    `with batch as (
       insert into rlaas.ingest_batches (received_at, rows, tenants)
       values ($1, ${rows.length}, ${distinct}) returning id, tenants
     ), delivered as (
       insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
       select consumers.name, batch.id, tenant from batch, unnest(batch.tenants) tenant, rlaas.consumers
     )
     ${select}`,
    values,
  );
  if (rowCount !== rows.length) throw new Error(`${rowCount} of ${rows.length} new events were stored`);
}

/**
 * The insert of events from the parameters that follow, for a statement that has the id of the batch in `batch`. What
 * all rows have in common, such as the tenant or the type, is sent once and not for each of them.
 */
function insertion(
  rows: readonly EventRow[],
  receivedAt: number,
): {
  select: string;
  /** The first is the time of receipt. */
  values: unknown[];
  /** The tenants as SQL, where all rows have the same. */
  tenants: string | undefined;
} {
  const values: unknown[] = [new Date(receivedAt)];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const arrays = [
    { name: 'id', parameter: `${parameter(idsOf(rows))}::uuid[]` },
    { name: 'data', parameter: `${parameter(dataOf(rows))}::jsonb[]` },
    { name: 'fingerprint', parameter: `${parameter(fingerprintsOf(rows))}::uuid[]` },
  ];
  const same: { name: string; parameter: string }[] = [];
  for (const column of COLUMNS) {
    const common = commonValue(column, rows);
    if (common === undefined) {
      arrays.push({
        name: column.name,
        parameter: `${parameter(arrayOf(column, rows))}::${column.type}[]`,
      });
    } else {
      const value = column.type === 'timestamptz' && common !== null ? new Date(Number(common)) : common;
      same.push({ name: column.name, parameter: `${parameter(value)}::${column.type}` });
    }
  }
  const oneTenant = same.find(({ name }) => name === 'tenant_id');
  const listed = arrays.map(({ name }) => name).join(', ');
  const columns = ['ordinal', 'batch_id', 'received_at', listed, ...same.map(({ name }) => name)];
  const selected = [
    'e.ordinal',
    'batch.id',
    '$1',
    ...arrays.map(({ name }) => `e.${name}`),
    ...same.map((column) => column.parameter),
  ];
  return {
    select: `insert into rlaas.events (${columns.join(', ')})
       select ${selected.join(', ')}
       from batch, unnest(${arrays.map((column) => column.parameter).join(', ')})
         with ordinality as e (${listed}, ordinal)`,
    values,
    tenants: oneTenant && `array[${oneTenant.parameter}]`,
  };
}

/** The value that all rows have in a column; `undefined` when they differ. */
function commonValue(column: Column, rows: readonly EventRow[]): string | number | null | undefined {
  const [first] = rows;
  if (!first) return null;
  const value = column.value(first);
  if (typeof value === 'object' && value !== null) return undefined;
  for (const row of rows) if (column.value(row) !== value) return undefined;
  return value;
}

function idsOf(rows: readonly EventRow[]): Buffer {
  const ids = new ArrayParameter('uuid', rows.length * 20);
  for (const row of rows) ids.uuid(row.id);
  return ids.finish();
}

function dataOf(rows: readonly EventRow[]): Buffer {
  const data = new ArrayParameter(
    'jsonb',
    rows.reduce((sum, row) => sum + row.data.length + 8, 0),
  );
  for (const row of rows) data.jsonb(row.data);
  return data.finish();
}

function fingerprintsOf(rows: readonly EventRow[]): Buffer {
  const fingerprints = new ArrayParameter('uuid', rows.length * 20);
  for (const row of rows) fingerprints.latin1(row.fingerprint);
  return fingerprints.finish();
}

function arrayOf(column: Column, rows: readonly EventRow[]): Buffer {
  const array = new ArrayParameter(column.type, rows.length * column.bytes);
  for (const row of rows) {
    const value = column.value(row);
    if (value === null) array.null();
    else if (typeof value === 'number') {
      if (column.type === 'timestamptz') array.timestamp(value);
      else array.int4(value);
    } else if (typeof value !== 'string') array.bytes(value);
    else if (column.type === 'uuid') array.uuid(value);
    else array.text(value);
  }
  return array.finish();
}

/** A stored event, as far as it tells a repeated one from another. */
export interface KnownEvent {
  tenant_id: string;
  id: string;
  fingerprint: string;
  batch_id: string;
  ordinal: number;
}

/**
 * What is stored under the ids of a group. Asked after the insert, in a statement of its own: then the rows that
 * another transaction was faster with can be seen.
 * @param rows sorted by id within each tenant
 */
export async function findKnown(tx: Transaction, rows: readonly EventRow[]): Promise<KnownEvent[]> {
  const tenant = new ArrayParameter('uuid', rows.length * 20);
  const id = new ArrayParameter('uuid', rows.length * 20);
  let [least, most] = [rows[0]?.id ?? '', rows[0]?.id ?? ''];
  for (const row of rows) {
    tenant.uuid(row.tenantId);
    id.uuid(row.id);
    if (row.id < least) least = row.id;
    if (row.id > most) most = row.id;
  }
  const { rows: known } = await tx.query<KnownEvent>(
    `select e.tenant_id, e.id, e.fingerprint, e.batch_id, e.ordinal
     from unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
     join rlaas.events e on e.tenant_id = k.tenant_id and e.id = k.id and e.id between $3 and $4`,
    [tenant.finish(), id.finish(), least, most],
  );
  return known;
}
