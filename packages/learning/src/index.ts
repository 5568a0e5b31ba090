export { type CheckpointMetadata, decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.ts';
export { draw, uniformOf } from './exploration/draw.ts';
export { enforceMinimumProbability, epsilonGreedy } from './exploration/probabilities.ts';
export { flatten } from './features/flatten.ts';
export {
  type LinearPolicy,
  type LoggedDecision,
  type PolicyState,
  createLinearPolicy,
  emptyPolicyState,
  unsupported,
} from './policy/linear-policy.ts';
