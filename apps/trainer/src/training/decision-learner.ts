import { type LinearPolicy, type PolicyState, createLinearPolicy } from '@rlaas/learning';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { LearnableReward } from '../store/learnable-rewards.ts';
import { LoggedRowReader } from './logged-row.ts';

/** Why nothing was learned from a decision: its reward is no number, or anything else, which the error says. */
export type RefusalReason = 'reward_not_finite' | 'decision_not_usable';

export interface Refusal {
  decisionId: string;
  reason: RefusalReason;
  error: Error;
}

/** Learns from decisions as they are stored, with their rewards. */
export class DecisionLearner {
  readonly #policy: LinearPolicy;
  readonly #rows = new LoggedRowReader();

  constructor(configuration: VersionConfiguration) {
    this.#policy = createLinearPolicy(configuration);
  }

  /**
   * Changes the state by one decision, or refuses it and changes nothing. The same decision is always refused, so that
   * whoever learns the same rewards in the same order comes to the same bits.
   */
  learn(state: PolicyState, { decision_id: decisionId, value, data }: LearnableReward): Refusal | undefined {
    if (value === null || !Number.isFinite(value)) {
      const error = new Error(`decision ${decisionId} cannot be learned from: its reward is ${value}`);
      return { decisionId, reason: 'reward_not_finite', error };
    }
    try {
      this.#policy.learn(state, this.#rows.read({ decision_id: decisionId, value, data }));
    } catch (cause) {
      const error = new Error(`decision ${decisionId} cannot be learned from`, { cause });
      return { decisionId, reason: 'decision_not_usable', error };
    }
    return undefined;
  }
}
