import type { Delivery, Transaction } from '@rlaas/database';
import { PENDING, type PendingReward } from './pending-rewards.ts';

const BATCHES = 'unnest($1::bigint[], $2::uuid[]) as d (batch_id, tenant_id)';

function valuesOf(deliveries: readonly Delivery[]): unknown[] {
  return [deliveries.map(({ batchId }) => batchId), deliveries.map(({ tenantId }) => tenantId)];
}

/**
 * Rewards that wait and that delivered events speak of, by decision, by the application's name for it, or by episode:
 * of the given specifications only. Each is looked up by an index, whatever the planner thinks of all of them.
 */
export async function findTouched(
  tx: Transaction,
  deliveries: readonly Delivery[],
  specifications: readonly { tenantId: string; policy: string; version: number }[],
): Promise<PendingReward[]> {
  const { rows } = await tx.query<PendingReward>(
    `with said as materialized (
       select e.tenant_id, e.policy, e.decision_id, e.external_id, e.episode_id
       from ${BATCHES}
       cross join lateral (
         select * from rlaas.events e
         where e.batch_id = d.batch_id and e.tenant_id = d.tenant_id and e.type <> 'inference' offset 0
       ) e
     ), touched as (
       select r.* from said s
       cross join lateral (
         select r.tenant_id, r.decision_id, r.spec_version from rlaas.rewards r
         where r.tenant_id = s.tenant_id and r.decision_id = s.decision_id and r.status = 'pending' offset 0
       ) r
       union
       select r.* from said s
       cross join lateral (
         select r.tenant_id, r.decision_id, r.spec_version from rlaas.events n
         join rlaas.rewards r on r.tenant_id = n.tenant_id and r.decision_id = n.id and r.status = 'pending'
         where n.tenant_id = s.tenant_id and n.policy = s.policy and n.external_id = s.external_id
           and n.type = 'decision'
         offset 0
       ) r
       where s.decision_id is null and s.external_id is not null
       union
       select r.* from said s
       cross join lateral (
         select r.tenant_id, r.decision_id, r.spec_version from rlaas.rewards r
         where r.tenant_id = s.tenant_id and r.policy = s.policy and r.episode_id = s.episode_id
           and r.status = 'pending'
         offset 0
       ) r
       where s.episode_id is not null
     )
     select ${PENDING} from touched t
     join rlaas.rewards r using (tenant_id, decision_id, spec_version)
     join unnest($3::uuid[], $4::text[], $5::int[]) as w (tenant_id, policy, version)
       on w.tenant_id = r.tenant_id and w.policy = r.policy and w.version = r.spec_version
     where r.status = 'pending'
     order by r.tenant_id, r.decision_id for update of r`,
    [
      ...valuesOf(deliveries),
      specifications.map(({ tenantId }) => tenantId),
      specifications.map(({ policy }) => policy),
      specifications.map(({ version }) => version),
    ],
  );
  return rows;
}

/** Says what rewards would be by what is known. */
export async function storeProvisional(
  tx: Transaction,
  provisional: readonly { reward: PendingReward; value: number }[],
  now: number,
): Promise<void> {
  if (provisional.length === 0) return;
  await tx.query(
    `update rlaas.rewards r
     set provisional_value = p.value,
         provisional_at = case when r.provisional_value is not distinct from p.value then r.provisional_at else $5 end
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::float8[]) as p (tenant_id, decision_id, spec_version, value)
     where r.tenant_id = p.tenant_id and r.decision_id = p.decision_id and r.spec_version = p.spec_version
       and r.status = 'pending'`,
    [
      provisional.map(({ reward }) => reward.tenantId),
      provisional.map(({ reward }) => reward.decisionId),
      provisional.map(({ reward }) => reward.specVersion),
      provisional.map(({ value }) => value),
      new Date(now),
    ],
  );
}

/**
 * How many of delivered events came after the reward of their decision had closed. Of events whose decision is too young
 * for that by its id nothing more is asked, and most are.
 * @param shortestMs from a decision to its deadline, at least
 */
export async function countLate(
  tx: Transaction,
  deliveries: readonly Delivery[],
  shortestMs: number,
): Promise<number> {
  const { rows } = await tx.query<{ late: number }>(
    `with batches as materialized (
       select d.batch_id, d.tenant_id, (lpad(to_hex(greatest(0,
           date_part('epoch', b.received_at) * 1000 - $3)::bigint), 12, '0') || repeat('0', 20))::uuid as youngest
       from ${BATCHES} join rlaas.ingest_batches b on b.id = d.batch_id
     )
     select count(*)::int as late
     from batches b
     cross join lateral (
       select e.tenant_id, e.decision_id, e.received_at from rlaas.events e
       where e.batch_id = b.batch_id and e.tenant_id = b.tenant_id and e.type not in ('decision', 'inference')
         and e.decision_id < b.youngest
       offset 0
     ) e
     where exists (
       select from rlaas.rewards r
       where r.tenant_id = e.tenant_id and r.decision_id = e.decision_id and not r.recomputed
         and r.status <> 'pending' and r.deadline < e.received_at
     )`,
    [...valuesOf(deliveries), shortestMs],
  );
  return rows[0]?.late ?? 0;
}
