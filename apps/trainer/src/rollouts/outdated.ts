import type { Transaction } from '@rlaas/database';
import { BASELINE_VERSION } from '@rlaas/schemas';
import { findPolicy } from '../store/policies.ts';
import { findVersion, listVersionsIn } from '../store/policy-versions.ts';
import { findNewestSpecificationNumber } from '../store/reward-specifications.ts';
import type { StoredRollout } from '../store/rollouts.ts';
import { explorationOf } from './exploration.ts';
import { findFormer } from './former.ts';

/** Why a start cannot go on. */
export interface Outdated {
  cause: 'incumbent_changed' | 'specification_changed';
  reason: string;
}

/** Whether what a start compares with, or by, is no more; it has to begin anew then. */
export async function outdatedOf(
  tx: Transaction,
  tenantId: string,
  rollout: StoredRollout,
): Promise<Outdated | undefined> {
  const { policy, version, incumbent, specification } = rollout;
  if (rollout.stage === 'active') {
    const former = await findFormer(tx, tenantId, policy, version, incumbent);
    if ((former?.name ?? null) !== incumbent) {
      const reason = `${incumbent} would not come back any more, but ${former?.name ?? BASELINE_VERSION}`;
      return { cause: 'incumbent_changed', reason };
    }
  } else {
    const [active] = await listVersionsIn(tx, tenantId, policy, ['active']);
    if ((active?.name ?? null) !== incumbent)
      return { cause: 'incumbent_changed', reason: servesNow(active) };
    // The baseline explores as its policy says now.
    const given = await findPolicy(tx, tenantId, policy);
    const candidate = given && (await findVersion(tx, tenantId, policy, version));
    if (candidate) {
      const now = explorationOf(given, candidate, active);
      const { explores, lowersExploration } = rollout.terms;
      if (now.explores !== explores || now.lowersExploration !== lowersExploration) {
        return { cause: 'incumbent_changed', reason: `what serves explores ${now.least} at least now` };
      }
    }
  }
  const newest = await findNewestSpecificationNumber(tx, tenantId, policy);
  if (newest !== undefined && newest !== specification) {
    return { cause: 'specification_changed', reason: `rewards are made by specification ${newest} now` };
  }
  return undefined;
}

/** What serves, in words. @param active `undefined`: no version does */
function servesNow(active: { name: string } | undefined): string {
  return active ? `version ${active.name} serves now` : 'no version is active any more';
}
