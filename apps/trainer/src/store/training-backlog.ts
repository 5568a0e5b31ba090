import type { Transaction } from '@rlaas/database';
import { IS_DECISION } from './is-decision.ts';
import { findLearnedAmong } from './learned-decisions.ts';
import type { VersionKey } from './version-key.ts';

/** Of each version so many of the rewards that closed last are looked at: what is asked all the time must stay cheap. */
const LOOKED_AT = 2_000;

/** What waits to be learned and what is kept of what was, over all versions that learn. */
export interface TrainingBacklog {
  /** Of the last 2,000 rewards of each version those that it has not learned from, added up over versions. */
  waiting: number;
  /** For how long the oldest of them could be learned from. */
  oldestWaitingSeconds: number;
  /** Checkpoints that are registered, of all versions. */
  checkpoints: number;
  /** Age of the newest checkpoint of a version that learned something since; of several the greatest, 0 without one. */
  checkpointAgeSeconds: number;
}

/** @param now milliseconds since 1970 */
export async function readTrainingBacklog(tx: Transaction, now: number): Promise<TrainingBacklog> {
  const { rows: learning } = await tx.query<VersionKey & { early: boolean }>(
    `select tenant_id, policy, name as version,
            coalesce((configuration -> 'learner' ->> 'learn_early')::boolean, false) as early
     from rlaas.policy_versions where status in ('shadow', 'canary', 'active')`,
  );
  let [waiting, oldest] = [0, now];
  for (const { early, ...version } of learning) {
    const found = await countWaiting(tx, version, early);
    waiting += found.waiting;
    oldest = Math.min(oldest, found.oldest ?? now);
  }
  const { rows } = await tx.query<{ checkpoints: number; checkpointed: number | null }>(
    `select (select count(*)::int from rlaas.checkpoints) as checkpoints, (
       select date_part('epoch', min(c.created_at)) * 1000
       from rlaas.policy_versions v
       cross join lateral (
         select created_at, position from rlaas.checkpoints c
         where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name order by number desc limit 1
       ) c
       cross join lateral (
         select max(position) as position from rlaas.training_log l
         where l.tenant_id = v.tenant_id and l.policy = v.policy and l.version = v.name
       ) l
       where v.status in ('shadow', 'canary', 'active') and c.position < l.position
     ) as checkpointed`,
  );
  const [row] = rows;
  return {
    waiting,
    oldestWaitingSeconds: Math.max(0, now - oldest) / 1_000,
    checkpoints: row?.checkpoints ?? 0,
    checkpointAgeSeconds: Math.max(0, now - (row?.checkpointed ?? now)) / 1_000,
  };
}

/** How many of the latest rewards a version could learn from and has not, and since when the oldest could be. */
async function countWaiting(
  tx: Transaction,
  version: VersionKey,
  early: boolean,
): Promise<{ waiting: number; oldest: number | null }> {
  const { tenant_id: tenantId, policy } = version;
  const { rows } = await tx.query<{ id: string; since: number }>(
    `(select r.decision_id as id,
             date_part('epoch', case when $3 then coalesce(r.provisional_at, r.deadline) else r.deadline end) * 1000 as since
      from rlaas.rewards r
      where r.tenant_id = $1 and r.policy = $2 and not r.recomputed and r.closed_at is not null
        and r.status || '' in ('final', 'defaulted')
      order by r.closed_at desc limit $4)
     union all
     (select r.decision_id, date_part('epoch', r.provisional_at) * 1000 from rlaas.rewards r
      where $3 and r.tenant_id = $1 and r.policy = $2 and not r.recomputed
        and r.status = 'pending' and r.provisional_value is not null
      order by r.provisional_at desc limit $4)`,
    [tenantId, policy, early, LOOKED_AT],
  );
  const learned = await findLearnedAmong(
    tx,
    version,
    rows.map(({ id }) => id),
  );
  const fresh = rows.filter(({ id }) => !learned.has(id));
  if (fresh.length === 0) return { waiting: 0, oldest: null };
  const { rows: counted } = await tx.query<{ waiting: number; oldest: number | null }>(
    `select count(*)::int as waiting, min(asked.since) as oldest
     from unnest($2::uuid[], $3::float8[]) as asked (id, since)
     cross join lateral (
       select from rlaas.events e
       where e.tenant_id = $1 and e.id = asked.id and ${IS_DECISION} and not e.data ? 'sticky_of' offset 0
     ) e`,
    [tenantId, fresh.map(({ id }) => id), fresh.map(({ since }) => since)],
  );
  return counted[0] ?? { waiting: 0, oldest: null };
}
