import { DecisionFeatures, type LinearPolicy, type PolicyState, createLinearPolicy } from '@rlaas/learning';
import { type VersionConfiguration, decisionEventSchema } from '@rlaas/schemas';
import type { LearnableReward } from '../store/learnable-rewards.ts';

/** Why nothing was learned from a decision: its reward is no number, or anything else, which the error says. */
export type RefusalReason = 'reward_not_finite' | 'decision_not_usable';

export interface Refusal {
  decisionId: string;
  reason: RefusalReason;
  error: Error;
}

const decisionData = decisionEventSchema.shape.data;

/** Learns from decisions as they are stored, with their rewards. */
export class DecisionLearner {
  readonly #policy: LinearPolicy;
  readonly #features = new DecisionFeatures();

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
      const { context, actions, chosen, propensity, excluded } = decisionData.parse(data);
      const out = new Set(excluded);
      const allowed =
        out.size === 0 ? undefined : Uint8Array.from(actions, (action) => (out.has(action.id) ? 0 : 1));
      this.#features.read(context, actions);
      this.#policy.learn(state, {
        features: this.#features,
        allowed,
        decisionId,
        chosen,
        propensity,
        reward: value,
      });
    } catch (cause) {
      const error = new Error(`decision ${decisionId} cannot be learned from`, { cause });
      return { decisionId, reason: 'decision_not_usable', error };
    }
    return undefined;
  }
}
