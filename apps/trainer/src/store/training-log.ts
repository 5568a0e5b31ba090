import type { Transaction } from '@rlaas/database';
import type { LearnableReward } from './learnable-rewards.ts';
import type { VersionKey } from './version-key.ts';
import { IS_DECISION } from './is-decision.ts';

/** How many rewards the version has learned from. */
export async function readPosition(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
): Promise<number> {
  const { rows } = await tx.query<{ position: string | null }>(
    'select max(position) as position from rlaas.training_log where tenant_id = $1 and policy = $2 and version = $3',
    [tenantId, policy, version],
  );
  return Number(rows[0]?.position ?? 0);
}

/**
 * What the version has learned, from behind a position on, in the order in which it did and at the values that it did:
 * one for each row of the log, also where nothing is left of the decision, so that positions stay what they are.
 */
export async function findLearned(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  { after, limit }: { after: number; limit: number },
): Promise<LearnableReward[]> {
  const { rows } = await tx.query<LearnableReward>(
    `select l.decision_id, coalesce(l.value, r.value) as value, e.data
     from rlaas.training_log l
     left join lateral (
       select e.data from rlaas.events e
       where e.tenant_id = l.tenant_id and e.id = l.decision_id and ${IS_DECISION} offset 0
     ) e on true
     left join lateral (
       select r.value from rlaas.rewards r
       where l.value is null and r.tenant_id = l.tenant_id and r.decision_id = l.decision_id and r.policy = l.policy
         and r.status || '' in ('final', 'defaulted') and not r.recomputed
       order by r.spec_version limit 1
     ) r on true
     where l.tenant_id = $1 and l.policy = $2 and l.version = $3 and l.position > $4
     order by l.position limit $5`,
    [tenantId, policy, version, after, limit],
  );
  return rows;
}

/** Notes rewards as learned from, behind `position`. */
export async function appendTrainingLog(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  position: number,
  rewards: readonly LearnableReward[],
): Promise<void> {
  await tx.query(
    `insert into rlaas.training_log (tenant_id, policy, version, position, decision_id, value)
     select $1, $2, $3, $4 + d.n, d.id, d.value
     from unnest($5::uuid[], $6::float8[]) with ordinality as d (id, value, n)`,
    [
      tenantId,
      policy,
      version,
      position,
      rewards.map(({ decision_id: id }) => id),
      rewards.map(({ value }) => value),
    ],
  );
}
