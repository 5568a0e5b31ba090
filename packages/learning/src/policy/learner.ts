import type { VersionConfiguration } from '@rlaas/schemas';
import type { DecisionFeatures } from '../features/decision-features.ts';
import { FeatureLayout, FeatureVector } from '../features/feature-layout.ts';
import { type LinearState, bounded, predict, update } from '../learner/linear-learner.ts';
import type { Allowed } from '../exploration/choice.ts';
import type { LinearModel, PolicyCounters } from './policy-state.ts';

/** A decision that was made and what came of it. */
export interface LoggedDecision {
  /** Features of the decision, read already. */
  features: DecisionFeatures;
  /** 0 for each action that was excluded; `undefined`: none was. */
  allowed?: Allowed;
  decisionId: string;
  /** Index of the chosen action. */
  chosen: number;
  /** Probability with which it was chosen, in (0, 1]. */
  propensity: number;
  reward: number;
}

/** Scores with linear models, and lets them learn by the estimator of the version. */
export class Learner {
  readonly layout: FeatureLayout;
  readonly #configuration: VersionConfiguration;
  readonly #vector = new FeatureVector();
  readonly #estimates = { values: new Float64Array(16) };

  constructor(configuration: VersionConfiguration) {
    this.#configuration = configuration;
    this.layout = new FeatureLayout(configuration.learner);
  }

  /**
   * Score of each action: its predicted reward, w·x. Only the update clips predictions to the rewards seen so far: clipped
   * scores would be equal where one action is better.
   */
  score(model: LinearModel, features: DecisionFeatures, into: Float64Array): void {
    for (let action = 0; action < features.actionCount; action += 1) {
      into[action] = this.layout.score(model.weights, features, action);
    }
  }

  /** The features of an action, valid until the next call. */
  vectorOf(features: DecisionFeatures, action: number): FeatureVector {
    this.layout.vector(features, action, this.#vector);
    return this.#vector;
  }

  /**
   * Lets a model learn a decision by the version's estimator:
   * - `mtr`: the reward on the chosen action, importance (1/p) ÷ mean number of actions (VowpalWabbit's cb_type mtr);
   *   under `squarecb` p counts as 1
   * - `ips`: r/p on the chosen action, 0 on every other (Horvitz and Thompson 1952)
   * - `dr`: what the reward model expects, corrected on the chosen action (Dudík, Langford and Li, ICML 2011)
   * - `dm`: the reward on the chosen action, importance 1
   * @param rewards what the reward model predicted of each action before it learned this; for `dr`
   */
  learn(
    state: LinearState,
    logged: LoggedDecision,
    counters: Readonly<PolicyCounters>,
    rewards: Float64Array,
  ): void {
    const { explorer, learner } = this.#configuration;
    const { features, chosen, reward, allowed } = logged;
    const p = logged.propensity;
    const rate = learner.learning_rate;
    if (learner.estimator === 'mtr') {
      const weight = explorer.kind === 'squarecb' ? 1 : 1 / p;
      const importance = (weight * counters.decisions) / counters.actions;
      update(state, this.vectorOf(features, chosen), reward, importance, rate);
    } else if (learner.estimator === 'dm') {
      update(state, this.vectorOf(features, chosen), reward, 1, rate);
    } else if (learner.estimator === 'ips') {
      for (let action = 0; action < features.actionCount; action += 1) {
        if (allowed?.[action] === 0) continue;
        update(state, this.vectorOf(features, action), action === chosen ? reward / p : 0, 1, rate);
      }
    } else {
      for (let action = 0; action < features.actionCount; action += 1) {
        if (allowed?.[action] === 0) continue;
        update(state, this.vectorOf(features, action), this.corrected(rewards, action, logged), 1, rate);
      }
    }
  }

  /** Lets a model regress on targets of its own for every allowed action. */
  regress(state: LinearState, { features, allowed }: LoggedDecision, targets: Float64Array): void {
    for (let action = 0; action < features.actionCount; action += 1) {
      if (allowed?.[action] === 0) continue;
      const vector = this.vectorOf(features, action);
      update(state, vector, targets[action] ?? 0, 1, this.#configuration.learner.learning_rate);
    }
  }

  /**
   * What the reward model predicts of each action; then it learns the reward of the chosen one, with importance 1/p as
   * VowpalWabbit's does: where it cannot be right everywhere it is right on average over the actions.
   */
  estimate(rewardModel: LinearState | undefined, logged: LoggedDecision): Float64Array {
    const { features, chosen, reward, propensity } = logged;
    if (this.#estimates.values.length < features.actionCount) {
      this.#estimates.values = new Float64Array(features.actionCount * 2);
    }
    const { values } = this.#estimates;
    if (!rewardModel) return values;
    for (let action = 0; action < features.actionCount; action += 1) {
      values[action] = predict(rewardModel, this.vectorOf(features, action));
    }
    const rate = this.#configuration.learner.learning_rate;
    update(rewardModel, this.vectorOf(features, chosen), reward, 1 / propensity, rate);
    return values;
  }

  /** The doubly robust value of an action: r̂_a, and for the chosen one r̂ + (r − r̂)/p. */
  corrected(rewards: Float64Array, action: number, { chosen, reward, propensity }: LoggedDecision): number {
    const expected = rewards[action] ?? 0;
    return bounded(action === chosen ? expected + (reward - expected) / propensity : expected);
  }
}
