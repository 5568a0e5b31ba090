import { BestCounts } from '../exploration/best-counts.ts';
import { BetaSamples } from '../exploration/beta-samples.ts';
import { DRAWS, NormalTable } from '../exploration/normal-table.ts';
import type { DecisionFeatures } from '../features/decision-features.ts';
import {
  type Posterior,
  posteriorMean,
  posteriorVariance,
  spanOf,
  updatePosterior,
} from '../learner/posterior.ts';
import { bounded } from '../learner/linear-learner.ts';
import type { Learner } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';

/**
 * Thompson sampling (Thompson 1933; Chapelle and Li 2011): an action's probability is how often it is the best one when
 * its reward is drawn from what is believed of it, counted over 1,000 draws that are always the same. Beliefs are a
 * normal distribution of each weight; of actions in a decision without any features, a beta distribution each.
 */
export function thompsonExplorer(learner: Learner): PolicyExplorer {
  const counts = new BestCounts();
  const normals = new NormalTable();
  const betas = new BetaSamples();
  const samples = new Float64Array(DRAWS);

  return {
    decide({ posterior }, features, allowed, { scores, probabilities, count }) {
      if (!posterior) return;
      const span = spanOf(posterior.totals);
      const bare = features.isBare;
      counts.clear();
      for (let action = 0; action < count; action += 1) {
        if (bare) {
          const at = idOf(posterior, features, action);
          const ones = onesOf(posterior, at);
          scores[action] = meanOf(posterior, at);
          if (allowed?.[action] === 0) continue;
          counts.add(action, betas.of(action, ones, (posterior.counts[at] ?? 0) - ones));
        } else {
          const vector = learner.vectorOf(features, action);
          const mean = posteriorMean(posterior, vector);
          scores[action] = mean;
          if (allowed?.[action] === 0) continue;
          normals.sample(action, mean, span * Math.sqrt(posteriorVariance(posterior, vector)), samples);
          counts.add(action, samples);
        }
      }
      counts.write(probabilities, count);
    },
    explore: undefined,
    learn({ posterior }, { features, chosen, reward }) {
      if (!posterior) return;
      const { totals, sums, counts: seen } = posterior;
      const told = bounded(reward);
      totals.least = Math.min(totals.least, told);
      totals.most = Math.max(totals.most, told);
      if (features.isBare) {
        const at = idOf(posterior, features, chosen);
        sums[at] = (sums[at] ?? 0) + told;
        seen[at] = (seen[at] ?? 0) + 1;
      } else {
        updatePosterior(posterior, learner.vectorOf(features, chosen), told);
      }
    },
  };
}

/**
 * What an action without features got, in [0, its number of rewards]: the sum of its rewards, each scaled from the range
 * of all rewards so far to [0, 1]. Sums are kept as they came, so that a range that grows changes what was before, too.
 */
function onesOf({ sums, counts, totals }: Posterior, at: number): number {
  const seen = counts[at] ?? 0;
  const ones = ((sums[at] ?? 0) - seen * totals.least) / spanOf(totals);
  return Math.min(Math.max(ones, 0), seen);
}

/** Predicted reward of an action without features: the mean of its beta distribution, in the unit of the reward. */
export function meanOf(posterior: Posterior, at: number): number {
  const { counts, totals } = posterior;
  return totals.least + (spanOf(totals) * (1 + onesOf(posterior, at))) / (2 + (counts[at] ?? 0));
}

/** Where an action without features is counted: at the hash of its id. */
export function idOf({ sums }: Posterior, { action, starts }: DecisionFeatures, index: number): number {
  return (action.hashes[starts[index] ?? 0] ?? 0) & (sums.length - 1);
}
