import type { Transaction } from '@rlaas/database';
import { IS_DECISION } from './is-decision.ts';

/** Counting ends here: more is too many, whatever the number. */
const COUNTED = 100_000;

/** What waits to be learned and what is kept of what was, over all versions that learn. */
export interface TrainingBacklog {
  /** Rewards that a version has not learned from, added up over versions; at most 100,000 are counted. */
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
  const { rows } = await tx.query<{
    waiting: number;
    oldest: number | null;
    checkpoints: number;
    checkpointed: number | null;
  }>(
    `with learning as (
       select tenant_id, policy, name as version,
              coalesce((configuration -> 'learner' ->> 'learn_early')::boolean, false) as early
       from rlaas.policy_versions where status in ('shadow', 'canary', 'active')
     ), waiting as (
       select case when v.early then coalesce(r.provisional_at, r.deadline) else r.deadline end as since
       from learning v
       join rlaas.rewards r on r.tenant_id = v.tenant_id and r.policy = v.policy and not r.recomputed
         and (r.status in ('final', 'defaulted')
           or (v.early and r.status = 'pending' and r.provisional_value is not null))
       cross join lateral (
         select from rlaas.events e
         where e.tenant_id = r.tenant_id and e.id = r.decision_id and ${IS_DECISION} and not e.data ? 'sticky_of'
         offset 0
       ) e
       where not exists (
         select from rlaas.training_log l
         where l.tenant_id = r.tenant_id and l.policy = r.policy and l.version = v.version
           and l.decision_id = r.decision_id
       )
       limit $1
     ), newest as (
       select c.created_at, c.position < l.position as behind
       from learning v
       cross join lateral (
         select created_at, position from rlaas.checkpoints c
         where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.version order by number desc limit 1
       ) c
       cross join lateral (
         select max(position) as position from rlaas.training_log l
         where l.tenant_id = v.tenant_id and l.policy = v.policy and l.version = v.version
       ) l
     )
     select (select count(*)::int from waiting) as waiting,
            (select date_part('epoch', min(since)) * 1000 from waiting) as oldest,
            (select count(*)::int from rlaas.checkpoints) as checkpoints,
            (select date_part('epoch', min(created_at)) * 1000 from newest where behind) as checkpointed`,
    [COUNTED],
  );
  const [row] = rows;
  const secondsSince = (at: number | null | undefined): number =>
    at === null || at === undefined ? 0 : Math.max(0, now - at) / 1_000;
  return {
    waiting: row?.waiting ?? 0,
    oldestWaitingSeconds: secondsSince(row?.oldest),
    checkpoints: row?.checkpoints ?? 0,
    checkpointAgeSeconds: secondsSince(row?.checkpointed),
  };
}
