import type { VersionConfiguration } from '@rlaas/schemas';
import { type LinearState, type LinearTotals, emptyLinearState } from '../learner/linear-learner.ts';
import { type Posterior, emptyPosterior } from '../learner/posterior.ts';

/** Weights, and where predictions with them are clipped. */
export interface LinearModel {
  readonly weights: Float64Array;
  readonly totals: Readonly<LinearTotals>;
}

/** How much a version has learned. */
export interface PolicyCounters {
  /** Decisions learned. */
  decisions: number;
  /** Sum of their numbers of actions that were not excluded. */
  actions: number;
}

/** What a version decides with; nothing of it changes. */
export interface PolicyModel {
  /** One; several for `bagging` and `cover`; none for `thompson` and `fixed`. */
  readonly models: readonly LinearModel[];
  readonly posterior: Posterior | undefined;
  readonly counters: Readonly<PolicyCounters>;
}

/** What a version has learned, whole: with it and the same decisions, learning goes on to the same bits. */
export interface PolicyState extends PolicyModel {
  readonly models: readonly LinearState[];
  /** Predicts rewards for the estimator `dr`, and for `cover`. */
  readonly rewardModel: LinearState | undefined;
  readonly counters: PolicyCounters;
}

/** How many linear models an explorer chooses between. */
export function modelCount({ explorer }: VersionConfiguration): number {
  if (explorer.kind === 'bagging') return explorer.models;
  if (explorer.kind === 'cover') return explorer.policies;
  return explorer.kind === 'thompson' || explorer.kind === 'fixed' ? 0 : 1;
}

/** Whether rewards are predicted by a model beside those that decide. */
export function hasRewardModel(configuration: VersionConfiguration): boolean {
  const { explorer, learner } = configuration;
  return explorer.kind === 'cover' || (learner.estimator === 'dr' && modelCount(configuration) > 0);
}

/** A state in which nothing was learned. */
export function emptyPolicyState(configuration: VersionConfiguration): PolicyState {
  const { bits } = configuration.learner;
  return {
    models: Array.from({ length: modelCount(configuration) }, () => emptyLinearState(bits)),
    rewardModel: hasRewardModel(configuration) ? emptyLinearState(bits) : undefined,
    posterior: configuration.explorer.kind === 'thompson' ? emptyPosterior(bits) : undefined,
    counters: { decisions: 0, actions: 0 },
  };
}
