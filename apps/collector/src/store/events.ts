import { ArrayParameter, type Transaction } from '@rlaas/database';
import type { EventRow } from '../events/event-row.ts';

/** A group as it was stored. */
export interface StoredGroup {
  batchId: string;
  /** How many of the rows are new. */
  stored: number;
}

const COLUMNS = [
  ['tenant_id', 'uuid'],
  ['id', 'uuid'],
  ['type', 'text'],
  ['occurred_at', 'timestamptz'],
  ['policy', 'text'],
  ['decision_id', 'uuid'],
  ['source', 'text'],
  ['data', 'jsonb'],
  ['fingerprint', 'uuid'],
] as const;
/** Columns that few events have; a group without any is written without them. */
const RARE_COLUMNS = [
  ['external_id', 'text'],
  ['episode_id', 'text'],
  ['subject', 'bytea'],
  ['import_id', 'uuid'],
] as const;

type Column = readonly [string, string];

/**
 * The statement for groups. Parameters: received_at, version, then the arrays.
 * @param conflicts whether rows that are there already are passed over; otherwise one of them fails the statement
 */
function insertSql(columns: readonly Column[], conflicts: 'pass over' | 'fail'): string {
  const names = columns.map(([name]) => name).join(', ');
  const arrays = columns.map(([, type], index) => `$${index + 3}::${type}[]`).join(', ');
  return `with batch as (
      select nextval('rlaas.ingest_batches_id_seq') as id
    ), stored as (
      insert into rlaas.events (${names}, ordinal, batch_id, received_at, schema_version)
      select ${columns.map(([name]) => `e.${name}`).join(', ')}, e.ordinal, batch.id, $1, $2
      from batch, unnest(${arrays}) with ordinality as e (${names}, ordinal)
      ${conflicts === 'pass over' ? 'on conflict do nothing' : ''}
      returning tenant_id
    ), tally as (
      select count(*)::int as rows, array_agg(distinct tenant_id) as tenants from stored
    ), noted as (
      insert into rlaas.ingest_batches (id, received_at, rows, tenants) overriding system value
      select batch.id, $1, tally.rows, tally.tenants from batch, tally where tally.rows > 0
    ), delivered as (
      insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
      select consumers.name, batch.id, tenant from batch, tally, unnest(tally.tenants) tenant, rlaas.consumers
    )
    select batch.id, tally.rows from batch, tally`;
}

const ALL_COLUMNS = [...COLUMNS, ...RARE_COLUMNS];
const STATEMENTS = {
  'pass over': { usual: insertSql(COLUMNS, 'pass over'), rare: insertSql(ALL_COLUMNS, 'pass over') },
  fail: { usual: insertSql(COLUMNS, 'fail'), rare: insertSql(ALL_COLUMNS, 'fail') },
};

/**
 * How rows that are there already are met. Passing over them costs a fifth more for every row, since each is inserted on
 * approval; so a group is first written as if all were new, and again when that failed.
 */
export type Conflicts = keyof typeof STATEMENTS;

/**
 * Stores the rows of a group as one batch, with a delivery of it to every consumer for each tenant, in one statement.
 * What is there already stays as it is.
 * @param rows of one schema version, sorted by tenant and id: unsorted, two groups that overlap could deadlock
 */
export async function insertGroup(
  tx: Transaction,
  rows: readonly EventRow[],
  receivedAt: number,
  conflicts: Conflicts,
): Promise<StoredGroup> {
  const rare = rows.some(
    (row) =>
      row.externalId !== null || row.episodeId !== null || row.subject !== null || row.importId !== null,
  );
  const arrays = arraysOf(rows, rare);
  const { rows: answer } = await tx.query<{ id: string; rows: number }>(
    STATEMENTS[conflicts][rare ? 'rare' : 'usual'],
    [new Date(receivedAt), rows[0]?.schemaVersion ?? 1, ...arrays],
  );
  const [group] = answer;
  if (!group) throw new Error('an insert of a group answered nothing');
  return { batchId: group.id, stored: group.rows };
}

function arraysOf(rows: readonly EventRow[], rare: boolean): Buffer[] {
  const size = rows.length;
  const dataBytes = rows.reduce((sum, row) => sum + row.data.length + 8, 0);
  const tenant = new ArrayParameter('uuid', size * 20);
  const id = new ArrayParameter('uuid', size * 20);
  const type = new ArrayParameter('text', size * 16);
  const occurred = new ArrayParameter('timestamptz', size * 12);
  const policy = new ArrayParameter('text', size * 8);
  const decision = new ArrayParameter('uuid', size * 20);
  const source = new ArrayParameter('text', size * 24);
  const data = new ArrayParameter('jsonb', dataBytes);
  const fingerprint = new ArrayParameter('uuid', size * 20);
  for (const row of rows) {
    tenant.uuid(row.tenantId);
    id.uuid(row.id);
    type.text(row.type);
    occurred.timestamp(row.occurredAt);
    orNull(policy, row.policy, 'text');
    orNull(decision, row.decisionId, 'uuid');
    source.text(row.source);
    data.jsonb(row.data);
    fingerprint.latin1(row.fingerprint);
  }
  const common = [tenant, id, type, occurred, policy, decision, source, data, fingerprint];
  if (!rare) return common.map((parameter) => parameter.finish());
  const external = new ArrayParameter('text', size * 16);
  const episode = new ArrayParameter('text', size * 16);
  const subject = new ArrayParameter('bytea', size * 8);
  const importId = new ArrayParameter('uuid', size * 8);
  for (const row of rows) {
    orNull(external, row.externalId, 'text');
    orNull(episode, row.episodeId, 'text');
    if (row.subject === null) subject.null();
    else subject.bytes(row.subject);
    orNull(importId, row.importId, 'uuid');
  }
  return [...common, external, episode, subject, importId].map((parameter) => parameter.finish());
}

function orNull(parameter: ArrayParameter, value: string | null, kind: 'text' | 'uuid'): void {
  if (value === null) parameter.null();
  else if (kind === 'text') parameter.text(value);
  else parameter.uuid(value);
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
