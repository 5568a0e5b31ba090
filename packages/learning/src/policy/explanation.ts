import type { VersionConfiguration } from '@rlaas/schemas';
import { DecisionFeatures, type Features, type HashableAction } from '../features/decision-features.ts';
import { type FeatureLayout, FeatureVector } from '../features/feature-layout.ts';
import { type NamedFeature, flatten } from '../features/flatten.ts';
import type { PolicyModel } from './policy-state.ts';
import { idOf, meanOf } from './thompson.ts';

/** The part of one feature in a score. */
export interface Contribution {
  /** Name; `a^b` is a feature with another one, the constant is `constant`. */
  readonly feature: string;
  readonly value: number;
  readonly weight: number;
  /** value × weight. */
  readonly contribution: number;
}

/** Why an action has its score. */
export interface ActionExplanation {
  readonly id: string;
  /** Sum of the contributions: the predicted reward. */
  readonly score: number;
  /** The largest first, by size. */
  readonly contributions: readonly Contribution[];
}

/**
 * Explains the score of the first model, of several with equal votes their mean. Without any features, `thompson` knows an
 * action by its id alone, and so it is told.
 */
export function explainActions(
  configuration: VersionConfiguration,
  layout: FeatureLayout,
  model: PolicyModel,
  context: Features,
  actions: readonly HashableAction[],
): ActionExplanation[] {
  const weightAt = weightsOf(configuration, model);
  const features = new DecisionFeatures();
  features.read(context, actions);
  const { posterior } = model;
  if (posterior && features.isBare) {
    return actions.map(({ id }, index) => {
      const score = meanOf(posterior, idOf(posterior, features, index));
      const contribution = { feature: `action.id=${id}`, value: 1, weight: score, contribution: score };
      return { id, score, contributions: [contribution] };
    });
  }
  const vector = new FeatureVector();
  const ofContext = flatten(context);
  return actions.map((action, index) => {
    layout.vector(features, index, vector);
    const names = namesOf(configuration.learner, ofContext, action);
    const contributions = names.map((feature, at): Contribution => {
      const value = vector.values[at] ?? 0;
      const weight = weightAt(vector.indices[at] ?? 0);
      return { feature, value, weight, contribution: value * weight };
    });
    return {
      id: action.id,
      score: contributions.reduce((sum, { contribution }) => sum + contribution, 0),
      contributions: contributions.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    };
  });
}

/** Names of an action's features, in the order of the layout. */
function namesOf(
  learner: VersionConfiguration['learner'],
  context: readonly NamedFeature[],
  { id, features }: HashableAction,
): string[] {
  const own = flatten(features ?? {}).map(({ name }) => name);
  if (learner.action_id_feature) own.unshift(`action.id=${id}`);
  const of = { context: context.map(({ name }) => name), action: own };
  const crossed = learner.interactions.flatMap(([first, second]) =>
    of[first].flatMap((a) => of[second].map((b) => `${a}^${b}`)),
  );
  return [...own, ...crossed, 'constant'];
}

function weightsOf({ explorer }: VersionConfiguration, model: PolicyModel): (at: number) => number {
  const { models, posterior } = model;
  if (posterior) {
    const { means, scales } = posterior;
    return (at) => (scales[at] ? (means[at] ?? 0) / (scales[at] ?? 1) : 0);
  }
  const voting = explorer.kind === 'bagging' ? models : models.slice(0, 1);
  return (at) => voting.reduce((sum, { weights }) => sum + (weights[at] ?? 0), 0) / (voting.length || 1);
}
