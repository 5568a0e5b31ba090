import { MonteCarlo } from '../exploration/monte-carlo.ts';
import type { DecisionFeatures } from '../features/decision-features.ts';
import {
  type Posterior,
  posteriorMean,
  posteriorVariance,
  shareOf,
  updatePosterior,
} from '../learner/posterior.ts';
import type { Learner } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';

/**
 * Thompson sampling (Thompson 1933; Chapelle and Li 2011): an action's probability is how often it is the best one when
 * its reward is drawn from what is believed of it, counted over 1,000 draws that are always the same. Beliefs are a
 * normal distribution of each weight; of actions in a decision without any features, a beta distribution each.
 */
export function thompsonExplorer(learner: Learner): PolicyExplorer {
  const monteCarlo = new MonteCarlo();
  let first = new Float64Array(16);
  let second = new Float64Array(16);

  function reserve(count: number): void {
    if (first.length >= count) return;
    first = new Float64Array(count * 2);
    second = new Float64Array(count * 2);
  }

  function seen(posterior: Posterior, features: DecisionFeatures, count: number): void {
    for (let action = 0; action < count; action += 1) {
      const at = idOf(posterior, features, action);
      first[action] = posterior.ones[at] ?? 0;
      second[action] = posterior.zeros[at] ?? 0;
    }
  }

  return {
    decide({ posterior }, features, allowed, choice) {
      const { scores, probabilities, count } = choice;
      reserve(count);
      if (!posterior) return;
      if (features.isBare) {
        seen(posterior, features, count);
        for (let a = 0; a < count; a += 1) {
          scores[a] = (1 + (first[a] ?? 0)) / (2 + (first[a] ?? 0) + (second[a] ?? 0));
        }
        monteCarlo.countBeta(first, second, count, allowed, probabilities);
        return;
      }
      for (let a = 0; a < count; a += 1) {
        const vector = learner.vectorOf(features, a);
        scores[a] = posteriorMean(posterior, vector);
        first[a] = scores[a] ?? 0;
        second[a] = Math.sqrt(posteriorVariance(posterior, vector));
      }
      monteCarlo.countNormal(first, second, count, allowed, probabilities);
    },
    explore: undefined,
    learn({ posterior }, { features, chosen, reward }) {
      if (!posterior) return;
      const { totals } = posterior;
      totals.least = Math.min(totals.least, reward);
      totals.most = Math.max(totals.most, reward);
      if (features.isBare) {
        const at = idOf(posterior, features, chosen);
        const share = shareOf(reward, totals);
        posterior.ones[at] = (posterior.ones[at] ?? 0) + share;
        posterior.zeros[at] = (posterior.zeros[at] ?? 0) + 1 - share;
      } else {
        updatePosterior(posterior, learner.vectorOf(features, chosen), reward);
      }
    },
  };
}

/** Where an action without features is counted: at the hash of its id. */
function idOf({ ones }: Posterior, { action, starts }: DecisionFeatures, index: number): number {
  return (action.hashes[starts[index] ?? 0] ?? 0) & (ones.length - 1);
}
