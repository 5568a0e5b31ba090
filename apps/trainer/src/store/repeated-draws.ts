import type { Transaction } from '@rlaas/database';
import { IS_DECISION } from './is-decision.ts';

/** What was excluded is in the seed, sorted; as often as it was named. */
const EXCLUDED = `(
         select array_agg(x order by x)
         from jsonb_array_elements(jsonb_path_query_array(e.data, '$.excluded[*]')) x
       ) as excluded`;

/**
 * Whether an event `e` was drawn from the seed of its episode: a draw that another gateway, or this one before it began
 * anew, may have made too. What repeats a choice that was remembered says so, and in these modes nothing is drawn.
 */
const IS_STICKY_DRAW = `e.episode_id is not null and coalesce(e.data ->> 'sticky', '') = 'episode'
         and not e.data ? 'sticky_of'
         and (e.import_id is not null or coalesce(e.data ->> 'mode', '') not in ('baseline', 'degraded'))`;

/**
 * Decisions that were drawn from a seed from which another one was drawn that counts in their place: of one episode with
 * the same actions excluded the first one by occurrence, ties by id, also when it has no reward or is not of the period;
 * of one name the decision that has it. Nothing depends on what was drawn.
 *
 * Each lookup is by itself, of one event, one episode or one name, whatever the planner thinks of all of them.
 * @param decisionIds a parameter `uuid[]`
 * @returns places in the list, from 1
 */
export async function findRepeatedDraws(
  tx: Transaction,
  tenantId: string,
  decisionIds: Buffer,
): Promise<number[]> {
  const { rows } = await tx.query<{ n: number }>(
    `select d.n::int as n
     from unnest($2::uuid[]) with ordinality as d (id, n)
     cross join lateral (
       select e.policy, e.occurred_at, e.episode_id, e.external_id, ${IS_STICKY_DRAW} as is_sticky, ${EXCLUDED}
       from rlaas.events e where e.tenant_id = $1 and e.id = d.id and ${IS_DECISION} offset 0
     ) own
     cross join lateral (
       select case
         when own.is_sticky then exists (
           select from (
             select e.occurred_at, e.id, ${EXCLUDED}
             from rlaas.events e
             where e.tenant_id = $1 and e.policy = own.policy and e.episode_id = own.episode_id and ${IS_DECISION}
               and ${IS_STICKY_DRAW}
             offset 0
           ) other
           where (other.occurred_at, other.id) < (own.occurred_at, d.id)
             and other.excluded is not distinct from own.excluded
           offset 0
         )
         when own.external_id is not null then exists (
           select from rlaas.decision_aliases a
           where a.tenant_id = $1 and a.policy = own.policy and a.external_id = own.external_id
             and a.decision_id <> d.id
           offset 0
         )
       end as repeats
       offset 0
     ) seed
     where seed.repeats`,
    [tenantId, decisionIds],
  );
  return rows.map(({ n }) => n);
}
