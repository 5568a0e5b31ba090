import type { Delivery, Transaction } from '@rlaas/database';

/** A decision of a delivered batch whose policy has a reward specification. */
export interface NewDecision {
  tenant_id: string;
  decision_id: string;
  policy: string;
  occurred_at: Date;
  received_at: Date;
  /** The import that it is part of. */
  import_id: string | null;
  /** When that import was completed; null: it is open. */
  completed_at: Date | null;
  spec_version: number;
  definition: unknown;
}

/** The decisions of batches, each with the newest specification of its policy. */
export async function findNewDecisions(
  tx: Transaction,
  deliveries: readonly Delivery[],
): Promise<NewDecision[]> {
  const { rows } = await tx.query<NewDecision>(
    `select e.tenant_id, e.id as decision_id, e.policy, e.occurred_at, e.received_at,
            e.import_id, i.completed_at, s.version as spec_version, s.definition
     from unnest($1::bigint[], $2::uuid[]) as d (batch_id, tenant_id)
     join rlaas.events e on e.batch_id = d.batch_id and e.tenant_id = d.tenant_id and e.type = 'decision'
     left join rlaas.imports i on i.tenant_id = e.tenant_id and i.id = e.import_id
     join lateral (
       select version, definition from rlaas.reward_specs s
       where s.tenant_id = e.tenant_id and s.policy = e.policy order by version desc limit 1
     ) s on true`,
    [deliveries.map((delivery) => delivery.batchId), deliveries.map((delivery) => delivery.tenantId)],
  );
  return rows;
}

/** A reward that waits for its deadline. */
export interface PendingReward {
  tenantId: string;
  decisionId: string;
  specVersion: number;
  policy: string;
  occurredAt: Date;
  /** null: never, as long as its import is open. */
  deadline: Date | null;
  importId: string | null;
}

/** Inserts pending rewards in the order of their keys; those that are there already stay as they are. */
export async function insertPending(tx: Transaction, rewards: readonly PendingReward[]): Promise<void> {
  const sorted = rewards.toSorted((a, b) =>
    `${a.tenantId}/${a.decisionId}` < `${b.tenantId}/${b.decisionId}` ? -1 : 1,
  );
  await tx.query(
    `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, occurred_at, deadline, import_id)
     select t, d, v, p, 'pending', o, coalesce(dl, 'infinity'), i
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                 $7::uuid[]) as r (t, d, v, p, o, dl, i)
     on conflict do nothing`,
    [
      sorted.map((reward) => reward.tenantId),
      sorted.map((reward) => reward.decisionId),
      sorted.map((reward) => reward.specVersion),
      sorted.map((reward) => reward.policy),
      sorted.map((reward) => reward.occurredAt),
      sorted.map((reward) => reward.deadline),
      sorted.map((reward) => reward.importId),
    ],
  );
}

/** A reward that waits for no deadline any more, since its import was completed. */
export interface ImportedReward {
  tenant_id: string;
  decision_id: string;
  spec_version: number;
  occurred_at: Date;
  received_at: Date;
  completed_at: Date;
  definition: unknown;
}

/** Locks rewards of completed imports that have no deadline yet and that nobody else is giving one. */
export async function lockImported(tx: Transaction, limit: number): Promise<ImportedReward[]> {
  const { rows } = await tx.query<ImportedReward>(
    `select r.tenant_id, r.decision_id, r.spec_version, r.occurred_at, e.received_at, i.completed_at, s.definition
     from rlaas.imports i
     join rlaas.rewards r
       on r.tenant_id = i.tenant_id and r.import_id = i.id and r.status = 'pending' and r.deadline = 'infinity'
     join rlaas.events e on e.tenant_id = r.tenant_id and e.id = r.decision_id
     join rlaas.reward_specs s
       on s.tenant_id = r.tenant_id and s.policy = r.policy and s.version = r.spec_version
     where i.completed_at is not null
     order by r.tenant_id, r.decision_id limit $1
     for update of r skip locked`,
    [limit],
  );
  return rows;
}

/** Gives rewards their deadlines. */
export async function storeDeadlines(
  tx: Transaction,
  rewards: readonly { reward: ImportedReward; deadline: Date }[],
): Promise<void> {
  await tx.query(
    `update rlaas.rewards r set deadline = d.deadline
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[])
       as d (tenant_id, decision_id, spec_version, deadline)
     where r.tenant_id = d.tenant_id and r.decision_id = d.decision_id and r.spec_version = d.spec_version`,
    [
      rewards.map(({ reward }) => reward.tenant_id),
      rewards.map(({ reward }) => reward.decision_id),
      rewards.map(({ reward }) => reward.spec_version),
      rewards.map(({ deadline }) => deadline),
    ],
  );
}

/** A reward whose deadline has passed. */
export interface DueReward {
  tenant_id: string;
  decision_id: string;
  spec_version: number;
  occurred_at: Date;
  deadline: Date;
  definition: unknown;
}

/** Locks rewards whose deadline has passed and that nobody else is closing. */
export async function lockDue(tx: Transaction, now: Date, limit: number): Promise<DueReward[]> {
  const { rows } = await tx.query<DueReward>(
    `select r.tenant_id, r.decision_id, r.spec_version, r.occurred_at, r.deadline, s.definition
     from rlaas.rewards r
     join rlaas.reward_specs s
       on s.tenant_id = r.tenant_id and s.policy = r.policy and s.version = r.spec_version
     where r.status = 'pending' and r.deadline <= $1
     order by r.deadline, r.decision_id limit $2
     for update of r skip locked`,
    [now, limit],
  );
  return rows;
}

/** What may count towards a reward. */
export interface RewardEvent {
  tenant_id: string;
  decision_id: string;
  id: string;
  occurred_at: Date;
  received_at: Date;
  name: string | null;
  value: unknown;
}

/** Outcomes of decisions. Read after the rewards are locked, in a statement of its own, so that none is missed. */
export async function findOutcomes(tx: Transaction, due: readonly DueReward[]): Promise<RewardEvent[]> {
  const { rows } = await tx.query<RewardEvent>(
    `select e.tenant_id, e.decision_id, e.id, e.occurred_at, e.received_at, e.data ->> 'name' as name,
            e.data -> 'value' as value
     from unnest($1::uuid[], $2::uuid[]) as d (tenant_id, decision_id)
     join rlaas.events e on e.tenant_id = d.tenant_id and e.decision_id = d.decision_id and e.type = 'outcome'`,
    [due.map((reward) => reward.tenant_id), due.map((reward) => reward.decision_id)],
  );
  return rows;
}

/** A reward with its end. */
export interface ClosedReward {
  due: DueReward;
  status: 'final' | 'defaulted' | 'inactive';
  value: number | null;
  components: object;
}

export async function storeClosed(tx: Transaction, closed: readonly ClosedReward[]): Promise<void> {
  await tx.query(
    `update rlaas.rewards r set status = c.status, value = c.value, components = c.components
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::float8[], $6::jsonb[])
       as c (tenant_id, decision_id, spec_version, status, value, components)
     where r.tenant_id = c.tenant_id and r.decision_id = c.decision_id and r.spec_version = c.spec_version`,
    [
      closed.map(({ due }) => due.tenant_id),
      closed.map(({ due }) => due.decision_id),
      closed.map(({ due }) => due.spec_version),
      closed.map(({ status }) => status),
      closed.map(({ value }) => value),
      closed.map(({ components }) => JSON.stringify(components)),
    ],
  );
}
