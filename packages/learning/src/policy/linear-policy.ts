import type { VersionConfiguration } from '@rlaas/schemas';
import { enforceMinimumProbability, epsilonGreedy } from '../exploration/probabilities.ts';
import { createFeatureHasher, type FeatureHasher, type HashableAction } from '../features/feature-hasher.ts';
import { type LinearState, emptyLinearState, predict, update } from '../learner/linear-learner.ts';

type Context = Parameters<FeatureHasher>[0];

/** A decision that was made and what came of it. */
export interface LoggedDecision {
  context: Context;
  actions: readonly HashableAction[];
  /** Index of the chosen action. */
  chosen: number;
  /** Probability with which it was chosen, in (0, 1]. */
  propensity: number;
  reward: number;
}

/** What a policy version has learned, whole: with it and the same decisions, learning goes on to the same bits. */
export interface PolicyState {
  readonly linear: LinearState;
  /** Decisions learned, and the sum of their numbers of actions. */
  readonly counters: { decisions: number; actions: number };
}

export function emptyPolicyState(configuration: VersionConfiguration): PolicyState {
  return { linear: emptyLinearState(configuration.learner.bits), counters: { decisions: 0, actions: 0 } };
}

/** How one version decides and learns. Pure but for the state, which `learn` changes. */
export interface LinearPolicy {
  /** Predicted reward of each action. */
  score(state: PolicyState, context: Context, actions: readonly HashableAction[]): number[];
  /** Probability of each action, by its scores. */
  probabilities(scores: readonly number[]): number[];
  /** @throws RangeError when the propensity is not in (0, 1]: it is rejected, never patched */
  learn(state: PolicyState, decision: LoggedDecision): void;
}

/** What of a configuration this release can run; anything else is said, never replaced by something near it. */
export function unsupported(configuration: VersionConfiguration): string | undefined {
  if (configuration.explorer.kind !== 'epsilon_greedy') return `explorer ${configuration.explorer.kind}`;
  if (configuration.learner.estimator !== 'mtr') return `estimator ${configuration.learner.estimator}`;
  return undefined;
}

/** @throws TypeError for a configuration that `unsupported` names */
export function createLinearPolicy(configuration: VersionConfiguration): LinearPolicy {
  const { explorer, minimum_probability: floor, learner } = configuration;
  if (explorer.kind !== 'epsilon_greedy' || learner.estimator !== 'mtr') {
    throw new TypeError(`not supported: ${unsupported(configuration)}`);
  }
  const hash = createFeatureHasher(learner);
  return {
    score: (state, context, actions) => hash(context, actions).map((vector) => predict(state.linear, vector)),
    probabilities: (scores) => enforceMinimumProbability(epsilonGreedy(scores, explorer.epsilon), floor),
    learn(state, { context, actions, chosen, propensity, reward }) {
      if (!(propensity > 0 && propensity <= 1))
        throw new RangeError(`propensity ${propensity} is not in (0, 1]`);
      const action = actions[chosen];
      if (!action) throw new RangeError(`there is no action ${chosen}`);
      const { counters } = state;
      counters.decisions += 1;
      counters.actions += actions.length;
      const [vector] = hash(context, [action]);
      if (!vector) return;
      // mtr: regression on the chosen action alone, weighted by 1/p over the mean number of actions (VW's cb_type mtr).
      const importance = counters.decisions / counters.actions / propensity;
      update(state.linear, vector, reward, importance, learner.learning_rate);
    },
  };
}
