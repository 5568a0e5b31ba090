import { DecisionFeatures, FeatureError } from '@rlaas/learning';
import { type DecisionData, type EvaluationLeftOut, decisionDataSchema } from '@rlaas/schemas';

/** Why a decision is left out that has a reward. */
export type LeftOutReason = Exclude<keyof EvaluationLeftOut, 'open_window' | 'no_reward'>;

/** A decision that an evaluation can use, until the next one is read. */
export interface LoggedChoice {
  data: DecisionData;
  features: DecisionFeatures;
  /** 0 for each action that was excluded; `undefined`: none was. */
  allowed: Uint8Array | undefined;
}

/** Reads logged decisions. Features are hashed into buffers that are used again. */
export class LoggedChoiceReader {
  readonly #features = new DecisionFeatures();

  /** @param text data of the event, a JSON text */
  read(text: string, imported: boolean): LoggedChoice | LeftOutReason {
    const value = JSON.parse(text) as Partial<DecisionData>;
    if (value.sticky_of !== undefined) return 'sticky_repeat';
    // What an import says of itself is taken: there it is the propensity that counts.
    if (!imported && (value.mode === 'baseline' || value.mode === 'degraded')) return 'not_explored';
    if (!(typeof value.propensity === 'number' && value.propensity > 0 && value.propensity <= 1)) {
      return 'no_propensity';
    }
    const parsed = decisionDataSchema.safeParse(value);
    if (!parsed.success) return 'unreadable';
    const { data } = parsed;
    try {
      this.#features.read(data.context, data.actions);
    } catch (error) {
      if (!(error instanceof FeatureError)) throw error;
      return 'unreadable';
    }
    const out = new Set(data.excluded);
    const allowed =
      out.size === 0 ? undefined : Uint8Array.from(data.actions, ({ id }) => (out.has(id) ? 0 : 1));
    return { data, features: this.#features, allowed };
  }
}
