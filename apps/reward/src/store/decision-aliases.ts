import type { Transaction } from '@rlaas/database';
import { timestampOf } from './pending-rewards.ts';

/** A decision with the name that its application gave it. */
export interface NamedDecision {
  tenantId: string;
  policy: string;
  externalId: string;
  /** Decisions that were received later do not claim the name. Milliseconds since 1970. */
  deadline: number;
}

const KEYS = `unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as d (tenant_id, policy, external_id, deadline)`;

function valuesOf(named: readonly NamedDecision[]): unknown[] {
  return [
    named.map(({ tenantId }) => tenantId),
    named.map(({ policy }) => policy),
    named.map(({ externalId }) => externalId),
    named.map(({ deadline }) => timestampOf(deadline)),
  ];
}

/**
 * Links names to decisions: of those that were received in time the first by occurrence, ties by id. What is linked
 * stays so, also when an earlier decision comes in later.
 */
export async function linkAliases(
  tx: Transaction,
  named: readonly NamedDecision[],
  now: number,
): Promise<void> {
  await tx.query(
    `insert into rlaas.decision_aliases (tenant_id, policy, external_id, decision_id, linked_at)
     select distinct on (d.tenant_id, d.policy, d.external_id) d.tenant_id, d.policy, d.external_id, e.id, $5
     from ${KEYS}
     cross join lateral (
       select e.id, e.occurred_at from rlaas.events e
       where e.tenant_id = d.tenant_id and e.policy = d.policy and e.external_id = d.external_id
         and e.type = 'decision' and e.received_at <= d.deadline
       offset 0
     ) e
     order by d.tenant_id, d.policy, d.external_id, e.occurred_at, e.id
     on conflict do nothing`,
    [...valuesOf(named), new Date(now)],
  );
}

/**
 * The decision that each name is linked to or, where nothing is linked yet, would be.
 * @returns in the order of the list; `undefined`: no decision of that name was received in time
 */
export async function findAliases(
  tx: Transaction,
  named: readonly NamedDecision[],
): Promise<(string | undefined)[]> {
  const { rows } = await tx.query<{ n: number; id: string | null }>(
    `select d.n::int as n, coalesce(a.decision_id, (
       select e.id from rlaas.events e
       where e.tenant_id = d.tenant_id and e.policy = d.policy and e.external_id = d.external_id
         and e.type = 'decision' and e.received_at <= d.deadline
       order by e.occurred_at, e.id limit 1
     )) as id
     from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) with ordinality
       as d (tenant_id, policy, external_id, deadline, n)
     left join rlaas.decision_aliases a
       on a.tenant_id = d.tenant_id and a.policy = d.policy and a.external_id = d.external_id`,
    valuesOf(named),
  );
  const found = named.map((): string | undefined => undefined);
  for (const { n, id } of rows) found[n - 1] = id ?? undefined;
  return found;
}
