import { Generator } from '../draw/generator.ts';
import type { Allowed } from './choice.ts';

/** Draws of which the probabilities of Thompson sampling are counted: each is a multiple of 1/1,000. */
export const DRAWS = 1_000;

/**
 * How often each action is the best one when its reward is drawn from what is believed of it. The draws are the same for
 * every decision: a table of normal numbers that follows from the index of the action alone.
 */
export class MonteCarlo {
  /** `DRAWS` numbers for each action, one action behind the other. */
  #normals = new Float64Array(0);
  #sampled = new Float64Array(0);
  #actions = 0;

  /** Rewards with a normal distribution. @param means and @param deviations of each action */
  countNormal(
    means: Float64Array,
    deviations: Float64Array,
    count: number,
    allowed: Allowed,
    into: Float64Array,
  ): void {
    this.#reserve(count);
    for (let action = 0; action < count; action += 1) {
      const [mean, deviation, from] = [means[action] ?? 0, deviations[action] ?? 0, action * DRAWS];
      for (let draw = 0; draw < DRAWS; draw += 1) {
        this.#sampled[from + draw] = mean + deviation * (this.#normals[from + draw] ?? 0);
      }
    }
    this.#countBest(count, allowed, into);
  }

  /** Rewards of 0 or 1, whose share has a beta distribution. @param ones and @param zeros seen of each action */
  countBeta(
    ones: Float64Array,
    zeros: Float64Array,
    count: number,
    allowed: Allowed,
    into: Float64Array,
  ): void {
    this.#reserve(count);
    for (let action = 0; action < count; action += 1) {
      const generator = new Generator('thompson-beta', [String(action)]);
      const from = action * DRAWS;
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const one = generator.gamma(1 + (ones[action] ?? 0));
        this.#sampled[from + draw] = one / (one + generator.gamma(1 + (zeros[action] ?? 0)));
      }
    }
    this.#countBest(count, allowed, into);
  }

  #countBest(count: number, allowed: Allowed, into: Float64Array): void {
    for (let action = 0; action < count; action += 1) into[action] = 0;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      let best = -1;
      for (let action = 0; action < count; action += 1) {
        if (allowed?.[action] === 0) continue;
        const sampled = this.#sampled[action * DRAWS + draw] ?? 0;
        if (best === -1 || sampled > (this.#sampled[best * DRAWS + draw] ?? 0)) best = action;
      }
      into[best] = (into[best] ?? 0) + 1;
    }
    // Counted first: a thousand times 1/1,000 is more than 1.
    for (let action = 0; action < count; action += 1) into[action] = (into[action] ?? 0) / DRAWS;
  }

  #reserve(count: number): void {
    if (count <= this.#actions) return;
    const normals = new Float64Array(count * DRAWS);
    normals.set(this.#normals);
    for (let action = this.#actions; action < count; action += 1) {
      const generator = new Generator('thompson-normal', [String(action)]);
      for (let draw = 0; draw < DRAWS; draw += 1) normals[action * DRAWS + draw] = generator.normal();
    }
    this.#normals = normals;
    this.#sampled = new Float64Array(count * DRAWS);
    this.#actions = count;
  }
}
