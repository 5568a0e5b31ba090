import type { Transaction } from '@rlaas/database';
import { type RewardSpecification, rewardSpecificationSchema } from '@rlaas/schemas';

/** The specification by which new decisions of a policy get their rewards. */
export async function findNewestSpecification(
  tx: Transaction,
  tenantId: string,
  policy: string,
): Promise<{ version: number; definition: RewardSpecification } | undefined> {
  const { rows } = await tx.query<{ version: number; definition: unknown }>(
    `select version, definition from rlaas.reward_specs
     where tenant_id = $1 and policy = $2 order by version desc limit 1`,
    [tenantId, policy],
  );
  const [row] = rows;
  return row && { version: row.version, definition: rewardSpecificationSchema.parse(row.definition) };
}

/** Number of the newest specification; `undefined`: there is none. */
export async function findNewestSpecificationNumber(
  tx: Transaction,
  tenantId: string,
  policy: string,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number | null }>(
    'select max(version) as version from rlaas.reward_specs where tenant_id = $1 and policy = $2',
    [tenantId, policy],
  );
  return rows[0]?.version ?? undefined;
}
