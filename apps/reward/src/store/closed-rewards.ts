import { ArrayParameter, type ElementType, type Transaction } from '@rlaas/database';
import type { Computed } from '../rewards/compute.ts';
import { type NewReward, type PendingReward, byKey } from './pending-rewards.ts';

/** A reward that was waiting, with its end. */
export interface ClosedReward {
  reward: Pick<PendingReward, 'tenantId' | 'decisionId' | 'specVersion'>;
  /** When it closed by what is known of gaps and episodes, milliseconds since 1970. */
  deadline: number;
  pushedMs: number;
  computed: Computed;
}

/** A column of what is written: of many rows the texts that Postgres would parse cost more than all else. */
interface Column<Row> {
  type: ElementType;
  /** About how many for each row. */
  bytes: number;
  value: (row: Row) => string | number | null;
}

/** @returns parameters for `unnest` */
function arraysOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] {
  return columns.map(({ type, bytes, value }) => {
    const array = new ArrayParameter(type, rows.length * (bytes + 8));
    for (const row of rows) put(array, type, value(row));
    return array.finish();
  });
}

function put(array: ArrayParameter, type: ElementType, value: string | number | null): void {
  if (value === null) array.null();
  else if (typeof value === 'number') {
    if (type === 'timestamptz') array.timestamp(Math.round(value));
    else if (type === 'float8') array.float8(value);
    else array.int4(value);
  } else if (type === 'uuid') array.uuid(value);
  else if (type === 'jsonb') array.jsonb(value);
  else array.text(value);
}

const ENDS: readonly Column<{ computed: Computed }>[] = [
  { type: 'text', bytes: 8, value: ({ computed }) => computed.status },
  { type: 'text', bytes: 4, value: ({ computed }) => computed.reason },
  { type: 'float8', bytes: 8, value: ({ computed }) => computed.value },
  { type: 'jsonb', bytes: 600, value: ({ computed }) => JSON.stringify(computed.components) },
];
const TIMES: readonly Column<{ deadline: number; pushedMs: number }>[] = [
  { type: 'timestamptz', bytes: 8, value: ({ deadline }) => deadline },
  { type: 'float8', bytes: 8, value: ({ pushedMs }) => Math.round(pushedMs) },
];

/** Ends rewards that wait. @returns how many were still waiting */
export async function storeClosed(
  tx: Transaction,
  closed: readonly ClosedReward[],
  now: number,
): Promise<number> {
  if (closed.length === 0) return 0;
  const keys: readonly Column<ClosedReward>[] = [
    { type: 'uuid', bytes: 16, value: ({ reward }) => reward.tenantId },
    { type: 'uuid', bytes: 16, value: ({ reward }) => reward.decisionId },
    { type: 'int4', bytes: 4, value: ({ reward }) => reward.specVersion },
  ];
  const { rowCount } = await tx.query(
    `update rlaas.rewards r
     set status = c.status, reason = c.reason, value = c.value, components = c.components, deadline = c.deadline,
         pushed_ms = c.pushed_ms, closed_at = $10
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::float8[], $7::jsonb[],
                 $8::timestamptz[], $9::float8[])
       as c (tenant_id, decision_id, spec_version, status, reason, value, components, deadline, pushed_ms)
     where r.tenant_id = c.tenant_id and r.decision_id = c.decision_id and r.spec_version = c.spec_version
       and r.status = 'pending'`,
    [...arraysOf([...keys, ...ENDS, ...TIMES], closed), new Date(now)],
  );
  return rowCount ?? 0;
}

const NEW: readonly Column<NewReward>[] = [
  { type: 'uuid', bytes: 16, value: (reward) => reward.tenantId },
  { type: 'uuid', bytes: 16, value: (reward) => reward.decisionId },
  { type: 'int4', bytes: 4, value: (reward) => reward.specVersion },
  { type: 'text', bytes: 16, value: (reward) => reward.policy },
  { type: 'timestamptz', bytes: 8, value: (reward) => reward.occurredAt },
  { type: 'uuid', bytes: 16, value: (reward) => reward.importId },
  { type: 'text', bytes: 16, value: (reward) => reward.externalId },
  { type: 'text', bytes: 16, value: (reward) => reward.episodeId },
  { type: 'int4', bytes: 4, value: (reward) => (reward.deferred ? 1 : 0) },
  { type: 'int4', bytes: 4, value: (reward) => (reward.recomputed ? 1 : 0) },
];

/**
 * Inserts rewards that are closed from the beginning: their deadline had passed when they were first looked at. Those
 * that are there already stay as they are.
 * @returns how many are new
 */
export async function insertClosed(
  tx: Transaction,
  rewards: readonly (NewReward & { computed: Computed })[],
  now: number,
): Promise<number> {
  if (rewards.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, reason, value, components,
                                occurred_at, deadline, pushed_ms, closed_at, import_id, external_id, episode_id,
                                deferred, recomputed)
     select t, d, v, p, s, re, va, c, o, dl, ps, $17, i, x, e, df = 1, rc = 1
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::uuid[], $7::text[], $8::text[],
                 $9::int[], $10::int[], $11::text[], $12::text[], $13::float8[], $14::jsonb[], $15::timestamptz[],
                 $16::float8[])
       as r (t, d, v, p, o, i, x, e, df, rc, s, re, va, c, dl, ps)
     on conflict do nothing`,
    [...arraysOf([...NEW, ...ENDS, ...TIMES], byKey(rewards)), new Date(now)],
  );
  return rowCount ?? 0;
}
