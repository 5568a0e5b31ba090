import type { Transaction } from '@rlaas/database';
import type { PolicyVersion } from '@rlaas/schemas';
import { findVersion } from '../store/policy-versions.ts';
import { findLastActive } from '../store/rollouts.ts';

/**
 * What serves again when a version is rolled back: what it took the place of, as long as that is still scored, or else
 * what was active last of all that are.
 * @param displaced what it took the place of; null: the explored baseline
 * @returns `undefined`: the explored baseline
 */
export async function findFormer(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  displaced: string | null,
): Promise<PolicyVersion | undefined> {
  if (displaced === null) return undefined;
  const found = displaced === version ? undefined : await findVersion(tx, tenantId, policy, displaced);
  if (found?.status === 'shadow' || found?.status === 'canary') return found;
  const last = await findLastActive(tx, tenantId, policy, version);
  return last === undefined ? undefined : findVersion(tx, tenantId, policy, last);
}
