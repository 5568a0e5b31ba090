import { DRAWS } from './normal-table.ts';

/** Counts how often each action is the best one over draws of all actions' rewards. Of equal ones the first counts. */
export class BestCounts {
  readonly #rewards = new Float64Array(DRAWS);
  readonly #actions = new Int32Array(DRAWS);

  /** Forgets the draws of the decision before. */
  clear(): void {
    this.#rewards.fill(Number.NEGATIVE_INFINITY);
    this.#actions.fill(-1);
  }

  /** Adds an action that may be chosen. @param samples its reward in each draw */
  add(action: number, samples: Float64Array): void {
    const [rewards, actions] = [this.#rewards, this.#actions];
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const reward = samples[draw] ?? 0;
      if (reward > (rewards[draw] ?? 0)) {
        rewards[draw] = reward;
        actions[draw] = action;
      }
    }
  }

  /** Writes the share of draws in which each action was the best one. */
  write(probabilities: Float64Array, count: number): void {
    probabilities.fill(0, 0, count);
    for (const action of this.#actions) probabilities[action] = (probabilities[action] ?? 0) + 1;
    // Counted first: a thousand times 1/1,000 is more than 1.
    for (let action = 0; action < count; action += 1) {
      probabilities[action] = (probabilities[action] ?? 0) / DRAWS;
    }
  }
}
