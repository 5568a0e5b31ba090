import { DecisionFeatures, type LoggedDecision } from '@rlaas/learning';
import { decisionEventSchema } from '@rlaas/schemas';
import type { LearnableReward } from '../store/learnable-rewards.ts';

const decisionData = decisionEventSchema.shape.data;

/** Reads stored decisions as they are learned from. */
export class LoggedRowReader {
  readonly #features = new DecisionFeatures();

  /**
   * The decision, until the next one is read.
   * @throws Error when it is none that can be learned from
   */
  read({ data, value, decision_id: decisionId }: LearnableReward & { value: number }): LoggedDecision {
    const { context, actions, chosen, propensity, excluded } = decisionData.parse(data);
    const out = new Set(excluded);
    const allowed =
      out.size === 0 ? undefined : Uint8Array.from(actions, (action) => (out.has(action.id) ? 0 : 1));
    this.#features.read(context, actions);
    return { features: this.#features, allowed, decisionId, chosen, propensity, reward: value };
  }
}
