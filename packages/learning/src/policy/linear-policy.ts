import type { VersionConfiguration } from '@rlaas/schemas';
import { type Allowed, type Choice, allowedCount } from '../exploration/choice.ts';
import { enforceMinimumProbability } from '../exploration/minimum-probability.ts';
import type { DecisionFeatures, Features, HashableAction } from '../features/decision-features.ts';
import { baggingExplorer } from './bagging.ts';
import { coverExplorer } from './cover.ts';
import { type ActionExplanation, explainActions } from './explanation.ts';
import { fixedExplorer } from './fixed.ts';
import { Learner, type LoggedDecision } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';
import type { PolicyModel, PolicyState } from './policy-state.ts';
import { scoreExplorer } from './score-explorer.ts';
import { thompsonExplorer } from './thompson.ts';

/** How one version decides and learns. Pure but for the state, which `learn` changes, and for buffers of its own. */
export interface LinearPolicy {
  readonly configuration: VersionConfiguration;
  /**
   * Whether it predicts rewards. A version of fixed probabilities does not: its scores are 0 and say nothing.
   */
  readonly predicts: boolean;
  /** Scores and probabilities of each action, with the floor, into `choice`. At least one action is allowed. */
  decide: (model: PolicyModel, features: DecisionFeatures, allowed: Allowed, choice: Choice) => void;
  /**
   * Puts somebody else's scores, which are in `choice`, through this version's explorer and floor: a version in shadow is
   * compared under the exploration of the one that decides.
   * @returns false when probabilities do not follow from scores alone; then nothing was written
   */
  explore: (model: PolicyModel, allowed: Allowed, choice: Choice) => boolean;
  /**
   * Learns from a decision and its reward.
   * @throws RangeError when the propensity is not in (0, 1], the reward is not finite, or there is no such action or it
   *   was excluded: it is rejected, never patched, and nothing was learned
   */
  learn: (state: PolicyState, logged: LoggedDecision) => void;
  /** Why each action has its score. */
  explain: (model: PolicyModel, context: Features, actions: readonly HashableAction[]) => ActionExplanation[];
}

export function createLinearPolicy(configuration: VersionConfiguration): LinearPolicy {
  const learner = new Learner(configuration);
  const explorer = explorerOf(configuration, learner);
  const floor = configuration.minimum_probability;
  return {
    configuration,
    predicts: configuration.explorer.kind !== 'fixed',
    decide(model, features, allowed, choice) {
      choice.reserve(features.actionCount);
      explorer.decide(model, features, allowed, choice);
      enforceMinimumProbability(choice.probabilities, choice.count, allowed, floor);
    },
    explore(model, allowed, choice) {
      if (!explorer.explore) return false;
      explorer.explore(model, allowed, choice);
      enforceMinimumProbability(choice.probabilities, choice.count, allowed, floor);
      return true;
    },
    learn(state, logged) {
      const { propensity, reward, chosen, features, allowed } = logged;
      if (!(propensity > 0 && propensity <= 1)) {
        throw new RangeError(`propensity ${propensity} is not in (0, 1]`);
      }
      if (!Number.isFinite(reward)) throw new RangeError(`reward ${reward} is not finite`);
      if (!(Number.isInteger(chosen) && chosen >= 0 && chosen < features.actionCount)) {
        throw new RangeError(`there is no action ${chosen}`);
      }
      if (allowed?.[chosen] === 0) throw new RangeError(`action ${chosen} was excluded`);
      state.counters.decisions += 1;
      state.counters.actions += allowedCount(allowed, features.actionCount);
      explorer.learn(state, logged);
    },
    explain: (model, context, actions) =>
      explainActions(configuration, learner.layout, model, context, actions),
  };
}

function explorerOf(configuration: VersionConfiguration, learner: Learner): PolicyExplorer {
  const { explorer } = configuration;
  if (explorer.kind === 'bagging') return baggingExplorer(learner);
  if (explorer.kind === 'cover') return coverExplorer(explorer, learner);
  if (explorer.kind === 'thompson') return thompsonExplorer(learner);
  if (explorer.kind === 'fixed') return fixedExplorer(explorer);
  return scoreExplorer(explorer, learner);
}
