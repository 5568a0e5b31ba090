import type { Transaction } from '@rlaas/database';
import type { DeadLetter, DeadLetterQuery, EventCode, EventOrigin, ReplayBody } from '@rlaas/schemas';

interface Row {
  id: string;
  received_at: Date;
  times: number;
  event_id: string | null;
  type: string | null;
  code: EventCode;
  path: string | null;
  message: string;
  origin: EventOrigin;
  import_id: string | null;
  event: string;
  parsed: boolean;
  truncated: boolean;
  replayed_at: Date | null;
}

/** A dead letter that can be taken up again. */
export interface ReplayableLetter {
  id: string;
  eventId: string | null;
  code: EventCode;
  path: string;
  message: string;
  origin: EventOrigin;
  importId: string | null;
  /** `undefined` where it is no JSON, or only its beginning was kept. */
  event: unknown;
}

const COLUMNS = `id, received_at, times, event_id, type, code, path, message, origin, import_id, event, parsed,
  truncated, replayed_at`;

/** Conditions of a list and of a replay; an absent one holds for all. Parameters from $2 on. */
const CONDITIONS = `tenant_id = $1 and ($2::text is null or code = $2) and ($3::text is null or type = $3)
  and ($4::timestamptz is null or received_at >= $4) and ($5::timestamptz is null or received_at < $5)`;

type Conditions = Pick<ReplayBody, 'code' | 'type' | 'from' | 'to'>;
const valuesOf = (tenantId: string, { code, type, from, to }: Conditions): unknown[] => [
  tenantId,
  code ?? null,
  type ?? null,
  from ?? null,
  to ?? null,
];

/** Dead letters of a tenant, the newest first, behind `before`; one more than asked for when there are more. */
export async function listLetters(
  tx: Transaction,
  tenantId: string,
  query: Pick<DeadLetterQuery, 'code' | 'type' | 'from' | 'to' | 'replayed'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<DeadLetter[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.dead_letters
     where ${CONDITIONS} and ($6::uuid is null or id < $6) and ($7::bool is null or (replayed_at is not null) = $7)
     order by id desc limit $8`,
    [
      ...valuesOf(tenantId, query),
      before ?? null,
      query.replayed === undefined ? null : query.replayed === 'true',
      limit + 1,
    ],
  );
  return rows.map(toLetter);
}

/** The newest dead letter of an event. */
export async function findLetterOfEvent(
  tx: Transaction,
  tenantId: string,
  eventId: string,
): Promise<{ letter: DeadLetter; importId: string | null } | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.dead_letters where tenant_id = $1 and event_id = $2
     order by last_received_at desc limit 1`,
    [tenantId, eventId],
  );
  const [row] = rows;
  return row && { letter: toLetter(row), importId: row.import_id };
}

/**
 * Dead letters to be taken up again, those first that were not tried for longest, and how many there are in all. Those
 * that cannot be read are only among them when they are named.
 */
export async function findReplayable(
  tx: Transaction,
  tenantId: string,
  body: ReplayBody,
): Promise<{ letters: ReplayableLetter[]; total: number }> {
  const { rows } = await tx.query<Row & { total: number }>(
    `select ${COLUMNS}, count(*) over ()::int as total from rlaas.dead_letters
     where ${CONDITIONS} and replayed_at is null and case when $6::uuid[] is null then parsed else id = any ($6) end
     order by last_received_at, id limit $7`,
    [...valuesOf(tenantId, body), body.ids ?? null, body.limit],
  );
  return {
    total: rows[0]?.total ?? 0,
    letters: rows.map((row) => ({
      id: row.id,
      eventId: row.event_id,
      code: row.code,
      path: row.path ?? '',
      message: row.message,
      origin: row.origin,
      importId: row.import_id,
      event: row.parsed ? (JSON.parse(row.event) as unknown) : undefined,
    })),
  };
}

/** Notes that the events of dead letters are stored now. */
export async function markReplayed(
  tx: Transaction,
  tenantId: string,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await tx.query('update rlaas.dead_letters set replayed_at = $3 where tenant_id = $1 and id = any ($2)', [
    tenantId,
    ids,
    now,
  ]);
}

function toLetter(row: Row): DeadLetter {
  return {
    id: row.id,
    received_at: row.received_at.toISOString(),
    event_id: row.event_id,
    type: row.type,
    code: row.code,
    path: row.path,
    message: row.message,
    origin: row.origin,
    times: row.times,
    event: row.parsed ? (JSON.parse(row.event) as unknown) : row.event,
    truncated: row.truncated,
    replayed_at: row.replayed_at?.toISOString() ?? null,
  };
}
