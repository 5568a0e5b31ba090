import { uniformOf } from '@rlaas/learning';
import type { ServedCanary } from '../policies/served-policy.ts';
import { Episodes } from './episodes.ts';

/** Which of two versions decides. */
export interface Assignment {
  readonly isCandidate: boolean;
  /** Probability with which the candidate is assigned, in (0, 1). */
  readonly share: number;
}

/**
 * Shares decisions between a version under test and what served before. It follows from the episode, or else from the
 * decision: no episode sees two versions, and when the share grows those that had the candidate keep it.
 */
export class Assignments {
  readonly #episodes = new Episodes<Assignment>();

  /** @param seed of the decision, for those without an episode */
  assign(
    tenantId: string,
    policy: string,
    { salt, share }: ServedCanary,
    episode: string | undefined,
    seed: readonly string[],
  ): Assignment {
    if (episode === undefined) {
      return { isCandidate: uniformOf('version', salt, ...seed) < share, share };
    }
    const first = this.#episodes.find(tenantId, policy, `${salt}/${episode}`);
    if (first) return first;
    const isCandidate = uniformOf('version', salt, tenantId, policy, 'episode', episode) < share;
    const assigned = { isCandidate, share };
    this.#episodes.add(tenantId, policy, `${salt}/${episode}`, assigned);
    return assigned;
  }
}
