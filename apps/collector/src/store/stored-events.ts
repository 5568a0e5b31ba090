import type { Transaction } from '@rlaas/database';
import { type EventQuery, type EventType, type StoredEvent } from '@rlaas/schemas';

interface Row {
  id: string;
  type: EventType;
  schema_version: number;
  occurred_at: Date;
  received_at: Date;
  policy: string | null;
  decision_id: string | null;
  external_id: string | null;
  episode_id: string | null;
  subject: Buffer | null;
  source: string;
  data: unknown;
  batch_id: string;
  import_id: string | null;
}

const COLUMNS = `id, type, schema_version, occurred_at, received_at, policy, decision_id, external_id, episode_id,
  subject, source, data, batch_id, import_id`;

/** Most events that one page looks through for those that are wanted. */
const SCANNED = 20_000;
const GREATEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** A stored event of a tenant. */
export async function findEvent(
  tx: Transaction,
  tenantId: string,
  id: string,
): Promise<{ event: StoredEvent; importId: string | null } | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.events where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  const [row] = rows;
  return row && { event: toEvent(row), importId: row.import_id };
}

/**
 * Events of a tenant, the newest first by their ids. A page looks through a bounded number of them: it may be short, or
 * empty, although there are more.
 * @param before id behind which the page begins; `undefined`: at the newest
 * @returns the events, one more than `limit` when there are more, and how far the page has looked when it stopped there
 */
export async function listEvents(
  tx: Transaction,
  tenantId: string,
  query: Pick<EventQuery, 'policy' | 'decision_id' | 'type' | 'episode_id'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<{ events: StoredEvent[]; lookedTo: string | null }> {
  const values = [
    tenantId,
    before ?? GREATEST_ID,
    query.decision_id ?? null,
    query.episode_id ?? null,
    query.policy ?? null,
    query.type ?? null,
  ];
  // Written out for each case: an index serves a condition only when it stands there alone.
  const indexed = [
    query.decision_id === undefined ? '' : 'and decision_id = $3',
    query.episode_id === undefined ? '' : 'and episode_id = $4',
  ].join(' ');
  const { rows } = await tx.query<Row & { looked: number; last: string | null }>(
    `with seen as materialized (
       select * from rlaas.events
       where tenant_id = $1 and id < $2 ${indexed}
         and ($3::uuid is null or decision_id = $3) and ($4::text is null or episode_id = $4)
       order by id desc limit ${SCANNED}
     ), looked as (
       select count(*)::int as looked, (select id from seen order by id limit 1) as last from seen
     ), wanted as (
       select ${COLUMNS} from seen
       where ($5::text is null or policy = $5) and ($6::text is null or type = $6)
       order by id desc limit ${limit + 1}
     )
     select w.*, l.looked, l.last from looked l left join wanted w on true order by w.id desc`,
    values,
  );
  const [first] = rows;
  return {
    events: rows.filter((row) => row.id !== null).map(toEvent),
    lookedTo: first && first.looked === SCANNED ? first.last : null,
  };
}

function toEvent(row: Row): StoredEvent {
  return {
    id: row.id,
    type: row.type,
    schema_version: row.schema_version,
    occurred_at: row.occurred_at.toISOString(),
    received_at: row.received_at.toISOString(),
    batch_id: row.batch_id,
    source: row.source,
    ...(row.policy !== null && { policy: row.policy }),
    ...(row.decision_id !== null && { decision_id: row.decision_id }),
    ...(row.external_id !== null && { external_id: row.external_id }),
    ...(row.episode_id !== null && { episode_id: row.episode_id }),
    ...(row.subject !== null && { subject: row.subject.toString('hex') }),
    data: row.data,
  };
}
