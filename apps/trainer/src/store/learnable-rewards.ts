import type { Transaction } from '@rlaas/database';
import { IS_DECISION } from './is-decision.ts';
import { findLearnedAmong } from './learned-decisions.ts';
import type { VersionKey } from './version-key.ts';

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

/** A reward among those of its policy: a time as Postgres writes it, to the microsecond, and the decision. */
export interface RewardPlace {
  at: string;
  id: string;
}

/** Rewards that have closed, by their deadlines; or those that wait for it and are complete, by when they became so. */
export type RewardOrder = 'final' | 'provisional';

/**
 * Rewards of the policy `$2`, by when they closed, by their deadlines, or by when they became complete; `recomputed` ones
 * are learned from by nobody. Each condition is said in the one way that lets Postgres take the one index that is meant:
 * as long as it knows nothing of a table it takes any.
 */
const BY_CLOSING = `r.tenant_id = $1 and r.policy = $2 and not r.recomputed
       and r.status || '' in ('final', 'defaulted')`;
const BY_DEADLINE = `r.tenant_id = $1 and r.policy = $2 and r.recomputed is not true
       and r.status in ('final', 'defaulted')`;
const BY_COMPLETION = `r.tenant_id = $1 and r.policy = $2 and not r.recomputed
       and r.status = 'pending' and r.provisional_value is not null`;

/** Of what closed lately so many are looked at in one go. */
const MOST_RECENT = 20_000;

/**
 * Rewards that closed, or became complete, since a time, and that the version has not learned from, in the order in
 * which they could be.
 * @param early also those that wait for their deadline and are complete, at their provisional value: what is learned
 *   does not depend on how busy the trainer was
 * @param since milliseconds since 1970
 */
export async function findRecentRewards(
  tx: Transaction,
  key: VersionKey,
  { early, since, limit }: { early: boolean; since: number; limit: number },
): Promise<NewReward[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with recent as materialized (
       select r.decision_id, case when $3 then coalesce(r.provisional_at, r.deadline) else r.deadline end as at
       from rlaas.rewards r where ${BY_CLOSING} and r.closed_at >= $4
       union all
       select r.decision_id, r.provisional_at from rlaas.rewards r
       where $3 and ${BY_COMPLETION} and r.provisional_at >= $4
     )
     select decision_id as id from recent order by at, decision_id limit $5`,
    [key.tenant_id, key.policy, early, new Date(since), MOST_RECENT],
  );
  const ids = rows.map(({ id }) => id);
  const learned = await findLearnedAmong(tx, key, ids);
  const fresh = ids.filter((id) => !learned.has(id));
  return readRewards(tx, key, fresh, { early, limit, statuses: ['final', 'defaulted', 'pending'] });
}

/**
 * A page of all rewards of a policy, whenever they closed, and those of it that the version has not learned from.
 * @param page how many rewards are looked at
 * @param limit how many are returned, at most
 * @returns the place from which to go on; `undefined`: that was all
 */
export async function findRewardsBehind(
  tx: Transaction,
  key: VersionKey,
  asked: { early: boolean; order: RewardOrder; after: RewardPlace | undefined; page: number; limit: number },
): Promise<{ rewards: NewReward[]; next: RewardPlace | undefined }> {
  const { early, order, after, page, limit } = asked;
  const [time, which, statuses] =
    order === 'final'
      ? (['r.deadline', BY_DEADLINE, ['final', 'defaulted']] as const)
      : (['r.provisional_at', BY_COMPLETION, ['pending']] as const);
  const { rows } = await tx.query<RewardPlace>(
    `select ${time}::text as at, r.decision_id as id from rlaas.rewards r
     where ${which} and (${time}, r.decision_id) > ($3::timestamptz, $4::uuid)
     order by ${time}, r.decision_id limit $5`,
    [key.tenant_id, key.policy, after?.at ?? '-infinity', after?.id ?? FIRST_ID, page],
  );
  const ids = rows.map(({ id }) => id);
  const learned = await findLearnedAmong(tx, key, ids);
  const fresh = rows.filter(({ id }) => !learned.has(id)).slice(0, limit);
  const isCut = fresh.length === limit;
  const next = isCut || rows.length === page ? (isCut ? fresh : rows).at(-1) : undefined;
  const some = fresh.map(({ id }) => id);
  return { rewards: await readRewards(tx, key, some, { early, limit, statuses }), next };
}

/**
 * Rewards of decisions, in the order of these, at most `limit`. What only repeats the choice of its episode was not drawn,
 * so nothing is learned from it. Each lookup is by itself and by the decision: said plainly, an index of rewards that are
 * learned from, or of decisions, is read for each of them.
 */
async function readRewards(
  tx: Transaction,
  { tenant_id: tenantId, policy }: VersionKey,
  ids: readonly string[],
  { early, limit, statuses }: { early: boolean; limit: number; statuses: readonly string[] },
): Promise<NewReward[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<NewReward>(
    `select r.decision_id, case when $3 then coalesce(r.provisional_value, r.value) else r.value end as value,
            $3 and r.provisional_value is not null as provisional,
            date_part('epoch', case when $3 then coalesce(r.provisional_at, r.deadline) else r.deadline end) * 1000
              as learnable_at,
            e.data
     from unnest($4::uuid[]) with ordinality as asked (id, place)
     cross join lateral (
       select r.* from rlaas.rewards r
       where r.tenant_id = $1 and r.decision_id = asked.id and r.policy || '' = $2 and r.recomputed is not true
         and r.status || '' = any ($5)
       offset 0
     ) r
     cross join lateral (
       select e.data from rlaas.events e
       where e.tenant_id = $1 and e.id = r.decision_id and ${IS_DECISION} and not e.data ? 'sticky_of'
       offset 0
     ) e
     order by asked.place limit $6`,
    [tenantId, policy, early, ids, statuses, limit],
  );
  return rows;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
