import { uniformOf } from '../draw/uniform.ts';
import { addToBest } from '../exploration/score-explorers.ts';
import type { Learner } from './learner.ts';
import type { PolicyExplorer } from './policy-explorer.ts';

/**
 * Online bagging (Oza and Russell 2001; Bietti, Agarwal and Langford, JMLR 2021): each of n models sees a decision as
 * often as a Poisson number with mean 1 says, and votes for its best action; equal ones share the vote. The numbers
 * follow from the id of the decision, so that learning again gives the same bits.
 */
export function baggingExplorer(learner: Learner): PolicyExplorer {
  let scratch = new Float64Array(16);
  return {
    decide({ models }, features, allowed, choice) {
      const { scores, probabilities, count } = choice;
      if (scratch.length < count) scratch = new Float64Array(count * 2);
      scores.fill(0, 0, count);
      probabilities.fill(0, 0, count);
      for (const model of models) {
        learner.score(model, features, scratch);
        for (let i = 0; i < count; i += 1) scores[i] = (scores[i] ?? 0) + (scratch[i] ?? 0) / models.length;
        addToBest(scratch, count, allowed, 1 / models.length, probabilities);
      }
    },
    explore: undefined,
    learn(state, logged) {
      const rewards = learner.estimate(state.rewardModel, logged);
      for (const [index, model] of state.models.entries()) {
        const times = poissonOf(uniformOf('bagging', logged.decisionId, String(index)));
        for (let time = 0; time < times; time += 1) learner.learn(model, logged, state.counters, rewards);
      }
    },
  };
}

/** The Poisson number with mean 1 at which the distribution function reaches `u`. */
export function poissonOf(u: number): number {
  let number = 0;
  let probability = Math.exp(-1);
  let sum = probability;
  while (u >= sum && probability > 0) {
    number += 1;
    probability /= number;
    sum += probability;
  }
  return number;
}
