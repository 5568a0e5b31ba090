import type { Transaction } from '@rlaas/database';

/** A reward that is to wait for its deadline. Times are milliseconds since 1970. */
export interface NewReward {
  tenantId: string;
  decisionId: string;
  specVersion: number;
  policy: string;
  occurredAt: number;
  /** Infinite as long as its import is open. */
  deadline: number;
  pushedMs: number;
  importId: string | null;
  externalId: string | null;
  /** Only where its specification reads events of the episode. */
  episodeId: string | null;
  deferred: boolean;
  recomputed: boolean;
}

/** By key, so that two that write the same rows wait for each other and never in a circle. */
export function byKey<T extends { tenantId: string; decisionId: string }>(rewards: readonly T[]): T[] {
  return rewards.toSorted((a, b) => {
    if (a.tenantId !== b.tenantId) return a.tenantId < b.tenantId ? -1 : 1;
    return a.decisionId < b.decisionId ? -1 : a.decisionId > b.decisionId ? 1 : 0;
  });
}

/** Times as Postgres reads them, the infinite one among them. */
export function timestampOf(ms: number): Date | string {
  return Number.isFinite(ms) ? new Date(ms) : 'infinity';
}

/** Inserts pending rewards; those that are there already stay as they are. @returns how many are new */
export async function insertPending(tx: Transaction, rewards: readonly NewReward[]): Promise<number> {
  if (rewards.length === 0) return 0;
  const sorted = byKey(rewards);
  const { rowCount } = await tx.query(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, occurred_at, deadline,
                                pushed_ms, import_id, external_id, episode_id, deferred, recomputed)
     select t, d, v, p, 'pending', o, dl, ps, i, x, e, df, rc
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bigint[],
                 $8::uuid[], $9::text[], $10::text[], $11::bool[], $12::bool[])
       as r (t, d, v, p, o, dl, ps, i, x, e, df, rc)
     on conflict do nothing`,
    [
      sorted.map((reward) => reward.tenantId),
      sorted.map((reward) => reward.decisionId),
      sorted.map((reward) => reward.specVersion),
      sorted.map((reward) => reward.policy),
      sorted.map((reward) => new Date(reward.occurredAt)),
      sorted.map((reward) => timestampOf(reward.deadline)),
      sorted.map((reward) => Math.round(reward.pushedMs)),
      sorted.map((reward) => reward.importId),
      sorted.map((reward) => reward.externalId),
      sorted.map((reward) => reward.episodeId),
      sorted.map((reward) => reward.deferred),
      sorted.map((reward) => reward.recomputed),
    ],
  );
  return rowCount ?? 0;
}

/** A reward that waits and was locked. Times are milliseconds since 1970. */
export interface PendingReward {
  tenantId: string;
  decisionId: string;
  specVersion: number;
  policy: string;
  occurredAt: number;
  deadline: number;
  pushedMs: number;
  importId: string | null;
  externalId: string | null;
  episodeId: string | null;
  deferred: boolean;
}

export const PENDING = `r.tenant_id as "tenantId", r.decision_id as "decisionId", r.spec_version as "specVersion", r.policy,
       date_part('epoch', r.occurred_at) * 1000 as "occurredAt", date_part('epoch', r.deadline) * 1000 as deadline,
       r.pushed_ms::float8 as "pushedMs", r.import_id as "importId", r.external_id as "externalId",
       r.episode_id as "episodeId", r.deferred`;

/** Locks rewards that stand by themselves, whose deadline has passed, and that nobody else is closing. */
export async function lockDue(tx: Transaction, until: number, limit: number): Promise<PendingReward[]> {
  const { rows } = await tx.query<PendingReward>(
    `select ${PENDING} from rlaas.rewards r
     where r.status = 'pending' and r.deadline <= $1 and r.episode_id is null
     order by r.deadline, r.decision_id limit $2
     for update of r skip locked`,
    [new Date(until), limit],
  );
  return rows;
}

/** A deadline that changes. */
export interface MovedReward {
  reward: Pick<PendingReward, 'tenantId' | 'decisionId' | 'specVersion'>;
  /** Milliseconds since 1970. */
  deadline: number;
  pushedMs: number;
}

/** Gives rewards other deadlines. */
export async function storeDeadlines(tx: Transaction, moved: readonly MovedReward[]): Promise<void> {
  if (moved.length === 0) return;
  await tx.query(
    `update rlaas.rewards r set deadline = d.deadline, pushed_ms = d.pushed_ms
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::bigint[])
       as d (tenant_id, decision_id, spec_version, deadline, pushed_ms)
     where r.tenant_id = d.tenant_id and r.decision_id = d.decision_id and r.spec_version = d.spec_version`,
    [
      moved.map(({ reward }) => reward.tenantId),
      moved.map(({ reward }) => reward.decisionId),
      moved.map(({ reward }) => reward.specVersion),
      moved.map(({ deadline }) => timestampOf(deadline)),
      moved.map(({ pushedMs }) => Math.round(pushedMs)),
    ],
  );
}

/** Locks rewards of completed imports that have no deadline yet and that nobody else is giving one. */
export async function lockImported(tx: Transaction, limit: number): Promise<PendingReward[]> {
  const { rows } = await tx.query<PendingReward>(
    `select ${PENDING}
     from rlaas.imports i
     join rlaas.rewards r
       on r.tenant_id = i.tenant_id and r.import_id = i.id and r.status = 'pending' and r.deadline = 'infinity'
     where i.completed_at is not null
     order by r.tenant_id, r.decision_id limit $1
     for update of r skip locked`,
    [limit],
  );
  return rows;
}
