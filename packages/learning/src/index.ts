export { CheckpointError } from './checkpoint/checkpoint-error.ts';
export {
  type CheckpointMetadata,
  decodeModel,
  decodeState,
  encodeModel,
  encodeResume,
} from './checkpoint/checkpoint.ts';
export { drawIndex } from './draw/draw-index.ts';
export { uniformOf } from './draw/uniform.ts';
export { type Estimate, type Estimates, estimate } from './evaluation/estimates.ts';
export { type EvaluationRow, EstimatorSums, type StoredSums } from './evaluation/estimator-sums.ts';
export { CrossFittedRewardModel } from './evaluation/reward-model.ts';
export { RobustInterval, type RobustMixtureState } from './evaluation/robust-mixture.ts';
export { type Allowed, Choice } from './exploration/choice.ts';
export { enforceMinimumProbability } from './exploration/minimum-probability.ts';
export { DecisionFeatures, type Features, type HashableAction } from './features/decision-features.ts';
export { FeatureError } from './features/feature-error.ts';
export { type ErrorBudget, alphaOfStart } from './gates/alpha.ts';
export type { UsualOdds } from './gates/bets.ts';
export { Wealth } from './gates/wealth.ts';
export {
  Gate,
  type GateEvents,
  type GateState,
  type GateTerms,
  type GateUnit,
  LOG_ALARM,
  emptyGateState,
} from './gates/gate.ts';
export { RateDetector } from './gates/rate-detector.ts';
export { type SeededDraw, type UnitForm, freshDraws, oddsOfUnit } from './gates/unit-draws.ts';
export {
  type Draw,
  type UnitOdds,
  oddsOfDecision,
  oddsOfDrawnEpisode,
  oddsOfSharedEpisode,
} from './gates/unit-odds.ts';
export type { ActionExplanation, Contribution } from './policy/explanation.ts';
export type { LoggedDecision } from './policy/learner.ts';
export { type LinearPolicy, createLinearPolicy } from './policy/linear-policy.ts';
export { type PolicyModel, type PolicyState, emptyPolicyState } from './policy/policy-state.ts';
