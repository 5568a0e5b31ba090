import type { Transaction } from '@rlaas/database';
import type { RewardStatus } from '@rlaas/schemas';

/** A stored reward, as another one is compared with it. */
export interface KnownReward {
  decisionId: string;
  specVersion: number;
  status: RewardStatus;
  reason: string | null;
  value: number | null;
  clipped: boolean;
  recomputed: boolean;
}

/** All rewards of decisions, by their ids. */
export async function findKnownRewards(
  tx: Transaction,
  tenantId: string,
  decisionIds: readonly string[],
): Promise<Map<string, KnownReward[]>> {
  const { rows } = await tx.query<KnownReward>(
    `select r.decision_id as "decisionId", r.spec_version as "specVersion", r.status, r.reason, r.value,
            coalesce(r.components ? 'unclipped', false) as clipped, r.recomputed
     from unnest($1::uuid[]) as d (id)
     cross join lateral (
       select * from rlaas.rewards r where r.tenant_id = $2 and r.decision_id = d.id offset 0
     ) r`,
    [decisionIds, tenantId],
  );
  return Map.groupBy(rows, ({ decisionId }) => decisionId);
}
