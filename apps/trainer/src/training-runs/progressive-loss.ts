import { Choice, type LinearPolicy, type LoggedDecision, type PolicyModel } from '@rlaas/learning';

/**
 * How far predictions are from rewards that were not learned yet: the mean of (r − r̂)², r̂ predicted before r is learned
 * and held to [min(0, r so far), max(0, r so far)], as the update holds it. Each decision is a test before it is a
 * lesson, so no data need be kept apart (Blum, Kalai and Langford, COLT 1999).
 */
export class ProgressiveLoss {
  readonly #policy: LinearPolicy;
  readonly #choice = new Choice();
  #chosenAlone = new Uint8Array(16);
  #sum = 0;
  #count = 0;
  #least = 0;
  #most = 0;

  constructor(policy: LinearPolicy) {
    this.#policy = policy;
  }

  /** Counts a decision, before it is learned. @returns what to call once it was learned, and not when it could not be */
  before(model: PolicyModel, { features, chosen, reward }: LoggedDecision): () => void {
    const predicted = this.#predict(model, features, chosen);
    return () => {
      const held = Math.min(Math.max(predicted, this.#least), this.#most);
      this.#sum += (reward - held) ** 2;
      this.#count += 1;
      this.#least = Math.min(this.#least, reward);
      this.#most = Math.max(this.#most, reward);
    };
  }

  /** null: nothing was predicted. */
  get mean(): number | null {
    return this.#policy.predicts && this.#count > 0 ? this.#sum / this.#count : null;
  }

  #predict(model: PolicyModel, features: LoggedDecision['features'], chosen: number): number {
    if (!this.#policy.predicts) return 0;
    if (this.#chosenAlone.length < features.actionCount) {
      this.#chosenAlone = new Uint8Array(features.actionCount * 2);
    }
    // Of the others no probabilities are wanted, which are the dear part of some explorers.
    this.#chosenAlone[chosen] = 1;
    this.#policy.decide(model, features, this.#chosenAlone, this.#choice);
    this.#chosenAlone[chosen] = 0;
    return this.#choice.scores[chosen] ?? 0;
  }
}
