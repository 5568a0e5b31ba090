import type { Transaction } from '@rlaas/database';
import type { LoggedDecision } from '../rollouts/compared-decision.ts';
import { IS_DECISION } from './is-decision.ts';

/** A decision as a rollout looks at it, with the reward that was first made final. */
export interface DecisionRow {
  id: string;
  /** Milliseconds since 1970. */
  occurred_at: number;
  received_at: number;
  data: LoggedDecision;
  imported: boolean;
  episode_id: string | null;
  /** There was a decision of the same `external_id` before, whose draw it repeats. */
  repeated: boolean;
  status: 'pending' | 'final' | 'defaulted' | 'inactive' | 'error' | null;
  value: number | null;
  /** Outcomes that guardrails are made of, within the window. */
  outcomes: readonly { name: string; value: unknown }[] | null;
}

export interface DecisionQuery {
  tenantId: string;
  policy: string;
  specification: number;
  /** Names of outcomes that guardrails are made of. */
  outcomes: readonly string[];
  windowMs: number;
}

/** Features are most of a decision, and nobody asks for them here. */
const COLUMNS = `e.id, date_part('epoch', e.occurred_at) * 1000 as occurred_at,
  date_part('epoch', e.received_at) * 1000 as received_at, e.data - 'context' - 'actions' as data,
  e.import_id is not null as imported, e.episode_id, a.repeated, r.status, r.value, o.outcomes`;
const EVENT =
  'e.tenant_id, e.id, e.occurred_at, e.received_at, e.data, e.import_id, e.policy, e.episode_id, e.external_id';

/** Each lookup by itself: planned together, Postgres reads whole tables for a few rows. */
const JOINS = `cross join lateral (
    select max(w.status) as status, max(w.value) as value from (
      select w.status, w.value from rlaas.rewards w
      where w.tenant_id = e.tenant_id and w.decision_id = e.id and w.spec_version = $3 and not w.recomputed offset 0
    ) w
  ) r
  cross join lateral (
    select coalesce(bool_or(l.decision_id <> e.id), false) as repeated from (
      select l.decision_id from rlaas.decision_aliases l
      where l.tenant_id = e.tenant_id and l.policy = e.policy and l.external_id = e.external_id offset 0
    ) l
  ) a
  cross join lateral (
    select case when cardinality($4::text[]) > 0 then (
      select jsonb_agg(jsonb_build_object('name', m.data ->> 'name', 'value', m.data -> 'value')) from (
        select m.data, m.occurred_at from rlaas.events m
        where m.tenant_id = e.tenant_id and m.decision_id = e.id and m.type = 'outcome' offset 0
      ) m
      where m.data ->> 'name' = any ($4) and m.occurred_at <= e.occurred_at + $5 * interval '1 ms'
    ) end as outcomes
  ) o`;

/** Decisions of a policy behind a cursor, in the order in which they were made, at most `limit`. */
export async function findDecisionsBehind(
  tx: Transaction,
  query: DecisionQuery,
  after: { at: number; id: string },
  until: number,
  limit: number,
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS}
     from (
       select ${EVENT} from rlaas.events e
       where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
         and (e.occurred_at, e.id) > ($6, $7::uuid) and e.occurred_at < $8
       order by e.occurred_at, e.id limit $9
     ) e ${JOINS}
     order by e.occurred_at, e.id`,
    [...shared(query), new Date(after.at), after.id, new Date(until), limit],
  );
  return rows;
}

/** When the first decision of a policy behind a cursor was made, in milliseconds since 1970. */
export async function findNextDecision(
  tx: Transaction,
  { tenantId, policy }: Pick<DecisionQuery, 'tenantId' | 'policy'>,
  after: { at: number; id: string },
): Promise<number | undefined> {
  const { rows } = await tx.query<{ at: number }>(
    `select date_part('epoch', occurred_at) * 1000 as at from rlaas.events
     where tenant_id = $1 and policy = $2 and type = 'decision' and (occurred_at, id) > ($3, $4::uuid)
     order by occurred_at, id limit 1`,
    [tenantId, policy, new Date(after.at), after.id],
  );
  return rows[0]?.at;
}

/** The first decision of the episode of each of these, by their ids; times in milliseconds since 1970. */
export async function findFirstsOfEpisodes(
  tx: Transaction,
  { tenantId, policy }: Pick<DecisionQuery, 'tenantId' | 'policy'>,
  decisions: readonly Pick<DecisionRow, 'id' | 'episode_id'>[],
): Promise<Map<string, { id: string; at: number }>> {
  if (decisions.length === 0) return new Map();
  const names = [...new Set(decisions.map(({ episode_id: episode }) => episode ?? ''))];
  const { rows } = await tx.query<{ episode: string; id: string; at: number }>(
    `select n.episode, first.id, first.at from unnest($3::text[]) as n (episode)
     cross join lateral (
       select e.id, date_part('epoch', e.occurred_at) * 1000 as at from rlaas.events e
       where e.tenant_id = $1 and e.policy = $2 and e.episode_id = n.episode and ${IS_DECISION}
       order by e.occurred_at, e.id limit 1
     ) first`,
    [tenantId, policy, names],
  );
  const firsts = new Map(rows.map(({ episode, id, at }) => [episode, { id, at }]));
  const found = new Map<string, { id: string; at: number }>();
  for (const { id, episode_id: episode } of decisions) {
    const first = firsts.get(episode ?? '');
    if (first) found.set(id, first);
  }
  return found;
}

/**
 * The decisions of episodes up to a time, in the order in which they were made, at most `limit` of each.
 * @param episodes names, and times in milliseconds since 1970
 */
export async function findDecisionsOfEpisodes(
  tx: Transaction,
  query: DecisionQuery,
  episodes: readonly { episode: string; until: number }[],
  limit: number,
): Promise<Map<string, DecisionRow[]>> {
  if (episodes.length === 0) return new Map();
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS}
     from unnest($6::text[], $7::timestamptz[]) as named (episode, until)
     cross join lateral (
       select ${EVENT} from rlaas.events e
       where e.tenant_id = $1 and e.policy = $2 and e.episode_id = named.episode and e.occurred_at <= named.until
         and ${IS_DECISION}
       order by e.occurred_at, e.id limit $8
     ) e ${JOINS}
     order by e.occurred_at, e.id`,
    [
      ...shared(query),
      episodes.map(({ episode }) => episode),
      episodes.map(({ until }) => new Date(until)),
      limit,
    ],
  );
  return Map.groupBy(rows, (row) => row.episode_id ?? '');
}

function shared({ tenantId, policy, specification, outcomes, windowMs }: DecisionQuery): unknown[] {
  return [tenantId, policy, specification, outcomes, windowMs];
}

/** When the oldest batch was received that waits for its rewards to be opened; `undefined`: none waits. */
export async function findOldestDelivery(tx: Transaction, tenantId: string): Promise<number | undefined> {
  const { rows } = await tx.query<{ received: number | null }>(
    `select date_part('epoch', min(b.received_at)) * 1000 as received
     from rlaas.batch_deliveries d join rlaas.ingest_batches b on b.id = d.batch_id
     where d.consumer = 'reward' and d.tenant_id = $1`,
    [tenantId],
  );
  return rows[0]?.received ?? undefined;
}

/** More than these are not counted: nobody waits for that. */
const MOST_COUNTED = 5_000_000;

/** How many decisions there are now up to a cursor; `undefined`: more than anybody would wait for. */
export async function countDecisionsUntil(
  tx: Transaction,
  { tenantId, policy }: Pick<DecisionQuery, 'tenantId' | 'policy'>,
  from: number,
  cursor: { at: number; id: string },
): Promise<number | undefined> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (
       select from rlaas.events
       where tenant_id = $1 and policy = $2 and type = 'decision' and occurred_at >= $3
         and (occurred_at, id) <= ($4, $5::uuid)
       limit ${MOST_COUNTED + 1}
     ) e`,
    [tenantId, policy, new Date(from), new Date(cursor.at), cursor.id],
  );
  const counted = rows[0]?.count ?? 0;
  return counted > MOST_COUNTED ? undefined : counted;
}

/** The latest decisions of a policy with their rewards, the newest first. */
export async function findLatestDecisions(
  tx: Transaction,
  { tenantId, policy, specification }: Pick<DecisionQuery, 'tenantId' | 'policy' | 'specification'>,
  until: number,
  limit: number,
): Promise<{ data: LoggedDecision; value: number | null; imported: boolean }[]> {
  const { rows } = await tx.query<{ data: LoggedDecision; value: number | null; imported: boolean }>(
    `select e.data - 'context' - 'actions' as data, r.value, e.imported
     from (
       select e.tenant_id, e.id, e.occurred_at, e.data, e.import_id is not null as imported from rlaas.events e
       where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision' and e.occurred_at < $4
       order by e.occurred_at desc, e.id desc limit $5
     ) e
     cross join lateral (
       select max(w.value) as value from (
         select w.value from rlaas.rewards w
         where w.tenant_id = e.tenant_id and w.decision_id = e.id and w.spec_version = $3
           -- By the decision: said plainly, an index of rewards that are learned from is read for each of them.
           and w.status || '' in ('final', 'defaulted') and not w.recomputed offset 0
       ) w
     ) r
     order by e.occurred_at desc`,
    [tenantId, policy, specification, new Date(until), limit],
  );
  return rows;
}
