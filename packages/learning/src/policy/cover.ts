import type { VersionConfiguration } from '@rlaas/schemas';
import { type Allowed, allowedCount } from '../exploration/choice.ts';
import { enforceMinimumProbability } from '../exploration/minimum-probability.ts';
import { addToBest, highest } from '../exploration/score-explorers.ts';
import type { Learner, LoggedDecision } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';
import type { PolicyState } from './policy-state.ts';

/**
 * Online cover (Agarwal et al., ICML 2014, as in VowpalWabbit's cb_explore_adf_cover and Bietti, Agarwal and Langford,
 * JMLR 2021). n models: the first learns by the version's estimator, each other one is rewarded for choosing what those
 * before it leave out. With pmin = min(1/K, 1/√(tK)), P and norm built up from model to model:
 *   model 1: 1/n on its best actions; norm = pmin·K + 1/n − pmin
 *   model i: learns r̂_a (doubly robust) + ψ·pmin·norm/max(P_a, pmin); q = 1/(nT) on each of its T best actions:
 *            norm += q, but of what only fills up to pmin nothing counts: max(0, q − (pmin − P_a)); P_a += q
 * and in the end the floor pmin for each action.
 */
export function coverExplorer(
  explorer: Extract<VersionConfiguration['explorer'], { kind: 'cover' }>,
  learner: Learner,
): PolicyExplorer {
  let scratch = new Float64Array(16);
  let targets = new Float64Array(16);
  let spread = new Float64Array(16);

  function reserve(count: number): void {
    if (scratch.length >= count) return;
    scratch = new Float64Array(count * 2);
    targets = new Float64Array(count * 2);
    spread = new Float64Array(count * 2);
  }

  /** What model i adds to the probabilities; the norm with it. */
  function addModel(
    into: Float64Array,
    count: number,
    allowed: Allowed,
    share: number,
    pmin: number,
  ): number {
    const best = highest(scratch, count, allowed);
    let ties = 0;
    for (let a = 0; a < count; a += 1) if (allowed?.[a] !== 0 && scratch[a] === best) ties += 1;
    const q = share / ties;
    let added = 0;
    for (let a = 0; a < count; a += 1) {
      if (allowed?.[a] === 0 || scratch[a] !== best) continue;
      const before = into[a] ?? 0;
      added += before < pmin ? Math.max(0, q - (pmin - before)) : q;
      into[a] = before + q;
    }
    return added;
  }

  return {
    decide({ models, counters }, features, allowed, choice) {
      const { scores, probabilities, count } = choice;
      reserve(count);
      const k = allowedCount(allowed, count);
      const share = 1 / models.length;
      probabilities.fill(0, 0, count);
      for (const [index, model] of models.entries()) {
        learner.score(model, features, scratch);
        if (index === 0) for (let a = 0; a < count; a += 1) scores[a] = scratch[a] ?? 0;
        addToBest(scratch, count, allowed, share, probabilities);
      }
      enforceMinimumProbability(probabilities, count, allowed, leastOf(counters.decisions, k) * k);
    },
    explore: undefined,
    learn(state: PolicyState, logged: LoggedDecision) {
      const { features, allowed } = logged;
      const count = features.actionCount;
      reserve(count);
      const k = allowedCount(allowed, count);
      const share = 1 / state.models.length;
      // Counted already: as many as before this one.
      const pmin = leastOf(state.counters.decisions - 1, k);
      const rewards = learner.estimate(state.rewardModel, logged);
      spread.fill(0, 0, count);
      let norm = pmin * k + share - pmin;
      for (const [index, model] of state.models.entries()) {
        // What it says before it learns is what it would have played.
        learner.score(model, features, scratch);
        if (index === 0) {
          addToBest(scratch, count, allowed, share, spread);
          learner.learn(model, logged, state.counters, rewards);
          continue;
        }
        for (let a = 0; a < count; a += 1) {
          const bonus = (explorer.psi * pmin * norm) / Math.max(spread[a] ?? 0, pmin);
          targets[a] = learner.corrected(rewards, a, logged) + bonus;
        }
        norm += addModel(spread, count, allowed, share, pmin);
        learner.regress(model, logged, targets);
      }
    },
  };
}

/** pmin = min(1/K, 1/√(tK)) after t decisions. */
function leastOf(t: number, k: number): number {
  return t === 0 ? 1 / k : Math.min(1 / k, 1 / Math.sqrt(t * k));
}
