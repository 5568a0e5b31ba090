import type { Transaction } from '@rlaas/database';
import type { VersionKey } from './version-key.ts';
import { IS_DECISION } from './is-decision.ts';

/** A decision with the reward that is learned of it. */
export interface LearnableReward {
  decision_id: string;
  /** Null: what was learned is not known any more, since its reward is gone. */
  value: number | null;
  /** Of the decision; null: it is not stored any more. */
  data: unknown;
}

/** A reward that was not learned from so far. */
export interface NewReward extends LearnableReward {
  /** It was complete before its deadline, and this is what it was then. */
  provisional: boolean;
  /** When it could be learned from, milliseconds since 1970. */
  learnable_at: number;
}

/** What all searches have in common; `$3` is the version. */
const NOT_LEARNED = `r.tenant_id = $1 and r.policy = $2 and not r.recomputed
       and not exists (
         select from rlaas.training_log l
         where l.tenant_id = r.tenant_id and l.policy = r.policy and l.version = $3 and l.decision_id = r.decision_id
       )`;
/**
 * What only repeats the choice of its episode was not drawn, so nothing is learned from it. Each event is looked up by its
 * id, whatever the planner thinks of all of them.
 */
const DRAWN = `cross join lateral (
       select e.data from rlaas.events e
       where e.tenant_id = r.tenant_id and e.id = r.decision_id and ${IS_DECISION} and not e.data ? 'sticky_of'
       offset 0
     ) e`;

const FINAL = `select r.decision_id, r.value, false as provisional, date_part('epoch', r.deadline) * 1000 as learnable_at,
            e.data
     from rlaas.rewards r ${DRAWN}
     where ${NOT_LEARNED} and r.status in ('final', 'defaulted') and r.deadline >= $5
     order by r.deadline, r.decision_id limit $4`;

// In two parts, each of which has an index.
const EARLY = `with learnable as (
       select r.*, coalesce(r.provisional_at, r.deadline) as learnable_at from rlaas.rewards r
       where ${NOT_LEARNED} and r.status in ('final', 'defaulted') and r.deadline >= $5
       union all
       select r.*, r.provisional_at from rlaas.rewards r
       where ${NOT_LEARNED} and r.status = 'pending' and r.provisional_value is not null
     )
     select r.decision_id, coalesce(r.provisional_value, r.value) as value, r.provisional_value is not null as provisional,
            date_part('epoch', r.learnable_at) * 1000 as learnable_at, e.data
     from learnable r ${DRAWN}
     order by r.learnable_at, r.decision_id limit $4`;

/**
 * Rewards that the version has not learned from, in the order in which they could be: final ones by their deadlines.
 * @param early also those that wait for their deadline and are complete, at their provisional value. What was
 *   provisional once is learned at that value also when it has become final meanwhile: what is learned does not depend on
 *   how busy the trainer was
 * @param since only final ones whose deadline was not before, milliseconds since 1970; -Infinity: all, for which every
 *   reward of the policy is looked at
 */
export async function findNewRewards(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  { early, since, limit }: { early: boolean; since: number; limit: number },
): Promise<NewReward[]> {
  const { rows } = await tx.query<NewReward>(early ? EARLY : FINAL, [
    tenantId,
    policy,
    version,
    limit,
    Number.isFinite(since) ? new Date(since) : '-infinity',
  ]);
  return rows;
}
