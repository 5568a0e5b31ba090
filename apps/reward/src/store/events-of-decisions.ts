import type { Transaction } from '@rlaas/database';
import type { EventFacts } from '../rewards/facts.ts';
import type { EpisodeKey } from './decisions.ts';
import { timestampOf } from './pending-rewards.ts';

/** Types that say something of a decision's reward. */
const TYPES = `'outcome', 'feedback', 'demonstration', 'preference', 'reward', 'activation', 'episode_end'`;
const COLUMNS = `e.id, e.type, date_part('epoch', e.occurred_at) * 1000 as "occurredAt",
       date_part('epoch', e.received_at) * 1000 as "receivedAt", e.data`;

/** Of a decision with more events than this there is no reward: nobody shall fill the memory by one of them. */
export const MOST_EVENTS = 1_000;
/** The same for an episode. */
export const MOST_EVENTS_OF_EPISODE = 5_000;

/** A decision's events as one JSON text: of many small rows the rows cost more than what is in them. */
const aggregated = (
  demonstrations: string,
): string => `json_agg(json_build_array(e.id, e.type, date_part('epoch', e.occurred_at) * 1000,
       date_part('epoch', e.received_at) * 1000,
       case when e.type <> 'demonstration' or ${demonstrations} then e.data end)) as events`;
const FIRST = `order by e.occurred_at, e.id limit ${MOST_EVENTS + 1}`;
type Told = [id: string, type: string, occurredAt: number, receivedAt: number, data: EventFacts['data']];

interface Row {
  /** Place of the decision in the list, from 1. */
  n: number;
  /** null: there are none. */
  events: Told[] | null;
}

/** What is asked for: the decision, and the application's name for it where events may use it. */
export interface AskedDecision {
  tenantId: string;
  policy: string;
  id: string;
  /** Only where the name is linked to this decision. */
  externalId: string | null;
}

/**
 * Events that name decisions, for each in the order of the list. Read after rewards are locked, in a statement of its
 * own, so that none that was committed before is missed. Of a decision that has more than `MOST_EVENTS`, at least one
 * more than that. What demonstrations say is only read where it is asked for: they are large.
 */
export async function findEventsOf(
  tx: Transaction,
  asked: readonly AskedDecision[],
  options: { preferences: boolean; demonstrations: boolean },
): Promise<EventFacts[][]> {
  const events: EventFacts[][] = asked.map(() => []);
  const tenants = asked.map(({ tenantId }) => tenantId);
  const ids = asked.map(({ id }) => id);
  const take = (rows: readonly Row[]): void => {
    for (const { n, events: told } of rows) {
      for (const [id, type, occurredAt, receivedAt, data] of told ?? []) {
        events[n - 1]?.push({ id, type, occurredAt, receivedAt, data, about: 'own' });
      }
    }
  };
  // Each by itself and by an index, however many there are: joined as a whole, all events of all partitions are read.
  const named = await tx.query<Row>(
    `select d.n::int as n, e.events
     from unnest($1::uuid[], $2::uuid[]) with ordinality as d (tenant_id, id, n)
     cross join lateral (
       select ${aggregated('$3')} from (
         select * from rlaas.events e
         where e.tenant_id = d.tenant_id and e.decision_id = d.id and e.type in (${TYPES}) ${FIRST}
       ) e
     ) e`,
    [tenants, ids, options.demonstrations],
  );
  take(named.rows);
  if (asked.some(({ externalId }) => externalId !== null)) {
    const aliased = await tx.query<Row>(
      `select d.n::int as n, e.events
       from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as d (tenant_id, policy, external_id, n)
       cross join lateral (
         select ${aggregated('$4')} from (
           select * from rlaas.events e
           where e.tenant_id = d.tenant_id and e.policy = d.policy and e.external_id = d.external_id
             and e.type in (${TYPES}) ${FIRST}
         ) e
       ) e
       where d.external_id is not null`,
      [
        tenants,
        asked.map(({ policy }) => policy),
        asked.map(({ externalId }) => externalId),
        options.demonstrations,
      ],
    );
    take(aliased.rows);
  }
  if (options.preferences) {
    const preferred = await tx.query<Row>(
      `select d.n::int as n, e.events
       from unnest($1::uuid[], $2::uuid[]) with ordinality as d (tenant_id, id, n)
       cross join lateral (
         select ${aggregated('false')}
         from (
           select * from rlaas.events a
           where a.tenant_id = d.tenant_id and a.type = 'preference' and a.data #>> '{a,decision_id}' = d.id::text
           union
           select * from rlaas.events b
           where b.tenant_id = d.tenant_id and b.type = 'preference' and b.data #>> '{b,decision_id}' = d.id::text
         ) e
         where e.decision_id is distinct from d.id
       ) e`,
      [tenants, ids],
    );
    take(preferred.rows);
  }
  return events;
}

/** Events of an episode that name no decision, or one of another place than the list has. */
export async function findEventsOfEpisode(
  tx: Transaction,
  { tenantId, policy, episodeId }: EpisodeKey,
): Promise<(Omit<EventFacts, 'about'> & { decisionId: string | null; externalId: string | null })[]> {
  const { rows } = await tx.query<
    Omit<EventFacts, 'about'> & { decisionId: string | null; externalId: string | null }
  >(
    `select ${COLUMNS}, e.decision_id as "decisionId", e.external_id as "externalId" from rlaas.events e
     where e.tenant_id = $1 and e.policy = $2 and e.episode_id = $3 and e.type in (${TYPES})
     order by e.occurred_at, e.id limit ${MOST_EVENTS_OF_EPISODE + 1}`,
    [tenantId, policy, episodeId],
  );
  return rows;
}

/** Whether any decision of these tenants took the place of another one; most never do. */
export async function hasSuperseding(tx: Transaction, tenants: readonly string[]): Promise<boolean> {
  const { rows } = await tx.query<{ any: boolean }>(
    `select exists (
       select from rlaas.events where tenant_id = any ($1::uuid[]) and type = 'decision' and data ? 'supersedes'
     ) as any`,
    [tenants],
  );
  return rows[0]?.any ?? false;
}

/** Of decisions that others took the place of, received by their deadlines: the first of these, by the place in the list. */
export async function findSuperseding(
  tx: Transaction,
  asked: readonly { tenantId: string; policy: string; id: string; deadline: number }[],
): Promise<Map<number, string>> {
  const { rows } = await tx.query<{ n: number; id: string }>(
    `select distinct on (d.n) d.n::int as n, e.id
     from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) with ordinality
       as d (tenant_id, policy, id, deadline, n)
     join rlaas.events e on e.tenant_id = d.tenant_id and e.data ->> 'supersedes' = d.id::text
       and e.type = 'decision' and e.data ? 'supersedes' and e.policy = d.policy and e.id <> d.id
       and e.received_at <= d.deadline
     order by d.n, e.occurred_at, e.id`,
    [
      asked.map(({ tenantId }) => tenantId),
      asked.map(({ policy }) => policy),
      asked.map(({ id }) => id),
      asked.map(({ deadline }) => timestampOf(deadline)),
    ],
  );
  return new Map(rows.map(({ n, id }) => [n - 1, id]));
}

/** Events by their ids: those that are there. */
export async function findEventsByIds(
  tx: Transaction,
  tenantId: string,
  ids: readonly string[],
): Promise<EventFacts[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<Omit<EventFacts, 'about'>>(
    `select ${COLUMNS} from rlaas.events e where e.tenant_id = $1 and e.id = any ($2::uuid[])`,
    [tenantId, ids],
  );
  return rows.map((row) => Object.assign(row, { about: 'sibling' as const }));
}
