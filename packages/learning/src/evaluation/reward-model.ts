import { uniformOf } from '../draw/uniform.ts';
import type { DecisionFeatures } from '../features/decision-features.ts';
import { FeatureLayout, FeatureVector } from '../features/feature-layout.ts';
import { type LinearState, emptyLinearState, predict, update } from '../learner/linear-learner.ts';

const BITS = 18;
const RATE = 0.5;

/**
 * Predicts rewards of decisions by models that did not learn them: each decision belongs to one of some folds by its
 * id, and is predicted by the model of its fold, which learned all others. First everything is learned, in the order of
 * decisions, then everything is predicted.
 */
export class CrossFittedRewardModel {
  readonly #layout = new FeatureLayout({
    bits: BITS,
    interactions: [['context', 'action']],
    action_id_feature: true,
  });
  readonly #vector = new FeatureVector();
  readonly #models: LinearState[];

  /** @param folds a whole number of 2 or more @throws RangeError when it is not */
  constructor(folds = 2) {
    if (!(Number.isInteger(folds) && folds >= 2)) throw new RangeError(`${folds} are not 2 folds or more`);
    this.#models = Array.from({ length: folds }, () => emptyLinearState(BITS));
  }

  /** Learns the reward of what was chosen. */
  learn(features: DecisionFeatures, decisionId: string, chosen: number, reward: number): void {
    const own = this.#foldOf(decisionId);
    this.#layout.vector(features, chosen, this.#vector);
    for (const [fold, model] of this.#models.entries()) {
      if (fold !== own) update(model, this.#vector, reward, 1, RATE);
    }
  }

  /** Predicts the reward of each action. @param into one place for each action, or more */
  predict(features: DecisionFeatures, decisionId: string, into: Float64Array): void {
    const model = this.#models[this.#foldOf(decisionId)];
    if (!model) throw new Error('a decision without a fold');
    for (let action = 0; action < features.actionCount; action += 1) {
      this.#layout.vector(features, action, this.#vector);
      into[action] = predict(model, this.#vector);
    }
  }

  #foldOf(decisionId: string): number {
    return Math.floor(uniformOf('fold', decisionId) * this.#models.length);
  }
}
