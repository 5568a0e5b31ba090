import type { Allowed, Choice } from '../exploration/choice.ts';
import type { DecisionFeatures } from '../features/decision-features.ts';
import type { LoggedDecision } from './learner.ts';
import type { PolicyModel, PolicyState } from './policy-state.ts';

/** One way to turn what was learned into probabilities, and what it has to learn for that. */
export interface PolicyExplorer {
  /** Writes scores and probabilities of each action; the floor comes later. */
  decide: (model: PolicyModel, features: DecisionFeatures, allowed: Allowed, choice: Choice) => void;
  /** Probabilities for scores that are there; `undefined` where probabilities do not follow from scores. */
  explore: ((model: PolicyModel, allowed: Allowed, choice: Choice) => void) | undefined;
  /** Learns a decision that was found to be well, and is counted already. */
  learn: (state: PolicyState, logged: LoggedDecision) => void;
}
