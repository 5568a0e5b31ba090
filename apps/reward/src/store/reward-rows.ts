import type { Transaction } from '@rlaas/database';
import { type RewardComponents, type RewardStatus, rewardComponentsSchema } from '@rlaas/schemas';

/** A stored reward. Times are milliseconds since 1970. */
export interface RewardRow {
  decisionId: string;
  specVersion: number;
  policy: string;
  status: RewardStatus;
  reason: string | null;
  value: number | null;
  provisionalValue: number | null;
  provisionalAt: number | null;
  occurredAt: number;
  /** Infinite as long as its import is open. */
  deadline: number;
  closedAt: number | null;
  recomputed: boolean;
  components: RewardComponents | null;
}

const COLUMNS = `decision_id as "decisionId", spec_version as "specVersion", policy, status, reason, value,
       provisional_value as "provisionalValue", date_part('epoch', provisional_at) * 1000 as "provisionalAt",
       date_part('epoch', occurred_at) * 1000 as "occurredAt", date_part('epoch', deadline) * 1000 as deadline,
       date_part('epoch', closed_at) * 1000 as "closedAt", recomputed`;

type Stored = Omit<RewardRow, 'components'> & { components: unknown };

/** All rewards of a decision: the one that is learned from first, then the newest versions. */
export async function findRewardsOf(
  tx: Transaction,
  tenantId: string,
  decisionId: string,
): Promise<RewardRow[]> {
  const { rows } = await tx.query<Stored>(
    `select ${COLUMNS}, components from rlaas.rewards
     where tenant_id = $1 and decision_id = $2 order by recomputed, spec_version desc`,
    [tenantId, decisionId],
  );
  return rows.map((row) => {
    const read = rewardComponentsSchema.safeParse(row.components);
    return Object.assign(row, { components: read.success ? read.data : null });
  });
}

/** Which rewards are asked for; what is absent does not matter. */
export interface RewardFilter {
  policy?: string | undefined;
  status?: RewardStatus | undefined;
  specVersion?: number | undefined;
  /** Decisions that were made from then on, and before `until`. Milliseconds since 1970. */
  from?: number | undefined;
  until?: number | undefined;
}

/** Rewards, those of the newest decisions first, behind a place. */
export async function listRewards(
  tx: Transaction,
  tenantId: string,
  filter: RewardFilter,
  page: { after: { decisionId: string; specVersion: number } | undefined; limit: number },
): Promise<Omit<RewardRow, 'components'>[]> {
  const { rows } = await tx.query<Omit<RewardRow, 'components'>>(
    `select ${COLUMNS} from rlaas.rewards
     where tenant_id = $1 and ($2::text is null or policy = $2) and ($3::text is null or status = $3)
       and ($4::int is null or spec_version = $4)
       and ($5::timestamptz is null or occurred_at >= $5) and ($6::timestamptz is null or occurred_at < $6)
       and ($7::uuid is null or (decision_id, spec_version) < ($7, $8::int))
     order by decision_id desc, spec_version desc limit $9`,
    [
      tenantId,
      filter.policy,
      filter.status,
      filter.specVersion,
      filter.from === undefined ? undefined : new Date(filter.from),
      filter.until === undefined ? undefined : new Date(filter.until),
      page.after?.decisionId,
      page.after?.specVersion,
      page.limit,
    ],
  );
  return rows;
}
