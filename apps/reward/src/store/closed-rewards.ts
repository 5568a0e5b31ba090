import type { Transaction } from '@rlaas/database';
import type { Computed } from '../rewards/compute.ts';
import { type NewReward, type PendingReward, byKey, timestampOf } from './pending-rewards.ts';

/** A reward that was waiting, with its end. */
export interface ClosedReward {
  reward: Pick<PendingReward, 'tenantId' | 'decisionId' | 'specVersion'>;
  /** When it closed by what is known of gaps and episodes, milliseconds since 1970. */
  deadline: number;
  pushedMs: number;
  computed: Computed;
}

/** Ends rewards that wait. @returns how many were still waiting */
export async function storeClosed(
  tx: Transaction,
  closed: readonly ClosedReward[],
  now: number,
): Promise<number> {
  if (closed.length === 0) return 0;
  const { rowCount } = await tx.query(
    `update rlaas.rewards r
     set status = c.status, reason = c.reason, value = c.value, components = c.components, deadline = c.deadline,
         pushed_ms = c.pushed_ms, closed_at = $9
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::float8[], $7::jsonb[],
                 $8::timestamptz[], $10::bigint[])
       as c (tenant_id, decision_id, spec_version, status, reason, value, components, deadline, pushed_ms)
     where r.tenant_id = c.tenant_id and r.decision_id = c.decision_id and r.spec_version = c.spec_version
       and r.status = 'pending'`,
    [
      closed.map(({ reward }) => reward.tenantId),
      closed.map(({ reward }) => reward.decisionId),
      closed.map(({ reward }) => reward.specVersion),
      closed.map(({ computed }) => computed.status),
      closed.map(({ computed }) => computed.reason),
      closed.map(({ computed }) => computed.value),
      closed.map(({ computed }) => JSON.stringify(computed.components)),
      closed.map(({ deadline }) => timestampOf(deadline)),
      new Date(now),
      closed.map(({ pushedMs }) => Math.round(pushedMs)),
    ],
  );
  return rowCount ?? 0;
}

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
  const sorted = byKey(rewards);
  const { rowCount } = await tx.query(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, reason, value, components,
                                occurred_at, deadline, pushed_ms, closed_at, import_id, external_id, episode_id,
                                deferred, recomputed)
     select t, d, v, p, s, re, va, c, o, dl, ps, $16, i, x, e, df, rc
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::jsonb[],
                 $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::uuid[], $13::text[], $14::text[],
                 $15::bool[], $17::bool[])
       as r (t, d, v, p, s, re, va, c, o, dl, ps, i, x, e, df, rc)
     on conflict do nothing`,
    [
      sorted.map((reward) => reward.tenantId),
      sorted.map((reward) => reward.decisionId),
      sorted.map((reward) => reward.specVersion),
      sorted.map((reward) => reward.policy),
      sorted.map(({ computed }) => computed.status),
      sorted.map(({ computed }) => computed.reason),
      sorted.map(({ computed }) => computed.value),
      sorted.map(({ computed }) => JSON.stringify(computed.components)),
      sorted.map((reward) => new Date(reward.occurredAt)),
      sorted.map((reward) => timestampOf(reward.deadline)),
      sorted.map((reward) => Math.round(reward.pushedMs)),
      sorted.map((reward) => reward.importId),
      sorted.map((reward) => reward.externalId),
      sorted.map((reward) => reward.episodeId),
      sorted.map((reward) => reward.deferred),
      new Date(now),
      sorted.map((reward) => reward.recomputed),
    ],
  );
  return rowCount ?? 0;
}
