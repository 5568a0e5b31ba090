import type { Delivery, Transaction } from '@rlaas/database';

/** A decision event as far as rewards need it. Times are milliseconds since 1970. */
export interface DecisionRow {
  tenantId: string;
  id: string;
  policy: string;
  occurredAt: number;
  receivedAt: number;
  externalId: string | null;
  episodeId: string | null;
  deferred: boolean;
  /** Whether it repeats the choice of another decision of its episode. */
  stickyOf: string | null;
  importId: string | null;
  /** When its import was completed; null: it is open, or it is of no import. */
  completedAt: number | null;
}

const COLUMNS = `e.tenant_id as "tenantId", e.id, e.policy, date_part('epoch', e.occurred_at) * 1000 as "occurredAt",
       date_part('epoch', e.received_at) * 1000 as "receivedAt", e.external_id as "externalId",
       e.episode_id as "episodeId", coalesce(e.data -> 'deferred' = 'true', false) as deferred,
       e.data ->> 'sticky_of' as "stickyOf", e.import_id as "importId",
       date_part('epoch', i.completed_at) * 1000 as "completedAt"`;
/**
 * Whether it is a decision, said so that no index of decisions alone is thought of: of one event by its id or batch, such an
 * index is read from its beginning to its end.
 */
const IS_DECISION = `e.type || '' = 'decision'`;
const IMPORTS = 'left join rlaas.imports i on i.tenant_id = e.tenant_id and i.id = e.import_id';

/**
 * The decisions of delivered batches. Batch by batch through an index, whatever the planner thinks of all of them.
 */
export async function findDelivered(
  tx: Transaction,
  deliveries: readonly Delivery[],
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS}
     from unnest($1::bigint[], $2::uuid[]) as d (batch_id, tenant_id)
     cross join lateral (
       select * from rlaas.events e
       where e.batch_id = d.batch_id and e.tenant_id = d.tenant_id and ${IS_DECISION} offset 0
     ) e
     ${IMPORTS}`,
    [deliveries.map((delivery) => delivery.batchId), deliveries.map((delivery) => delivery.tenantId)],
  );
  return rows;
}

/** Decisions by their ids. */
export async function findDecisions(
  tx: Transaction,
  keys: readonly { tenantId: string; id: string }[],
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS}
     from unnest($1::uuid[], $2::uuid[]) as d (tenant_id, id)
     cross join lateral (
       select * from rlaas.events e where e.tenant_id = d.tenant_id and e.id = d.id and ${IS_DECISION} offset 0
     ) e
     ${IMPORTS}`,
    [keys.map((key) => key.tenantId), keys.map((key) => key.id)],
  );
  return rows;
}

/** The last decisions of a policy, the latest first. */
export async function findLastDecisions(
  tx: Transaction,
  tenantId: string,
  policy: string,
  limit: number,
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS} from rlaas.events e ${IMPORTS}
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
     order by e.occurred_at desc, e.id desc limit $3`,
    [tenantId, policy, limit],
  );
  return rows;
}

/** A place in the decisions of a policy, by the time they were made and their ids. */
export interface DecisionPlace {
  occurredAt: number;
  id: string;
}

/** Decisions of a policy that were made in a period, behind a place, the earliest first. */
export async function findDecisionsOfPeriod(
  tx: Transaction,
  tenantId: string,
  policy: string,
  period: { after: DecisionPlace; until: number },
  limit: number,
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS} from rlaas.events e ${IMPORTS}
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
       and (e.occurred_at, e.id) > ($3, $4::uuid) and e.occurred_at < $5
     order by e.occurred_at, e.id limit $6`,
    [tenantId, policy, new Date(period.after.occurredAt), period.after.id, new Date(period.until), limit],
  );
  return rows;
}

/** How many decisions of a policy were made in a period; at most a million are counted. */
export async function countDecisionsOfPeriod(
  tx: Transaction,
  tenantId: string,
  policy: string,
  from: number,
  until: number,
): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n from (
       select from rlaas.events e
       where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision' and e.occurred_at >= $3 and e.occurred_at < $4
       limit 1000000
     ) counted`,
    [tenantId, policy, new Date(from), new Date(until)],
  );
  return rows[0]?.n ?? 0;
}

/** Names one episode of a policy. */
export interface EpisodeKey {
  tenantId: string;
  policy: string;
  episodeId: string;
}

/** The decisions of an episode. */
export async function findEpisodeDecisions(
  tx: Transaction,
  { tenantId, policy, episodeId }: EpisodeKey,
  limit: number,
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<DecisionRow>(
    `select ${COLUMNS} from rlaas.events e ${IMPORTS}
     where e.tenant_id = $1 and e.policy = $2 and e.episode_id = $3 and e.type = 'decision'
     order by e.received_at, e.id limit $4`,
    [tenantId, policy, episodeId, limit],
  );
  return rows;
}
