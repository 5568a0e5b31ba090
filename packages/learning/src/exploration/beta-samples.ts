import { Generator } from '../draw/generator.ts';
import { DRAWS } from './normal-table.ts';

/**
 * Numbers of beta distributions, `DRAWS` for each action, which follow from the index of the action and what was seen of
 * it alone. They are kept until something else was seen of the action, which takes another checkpoint.
 */
export class BetaSamples {
  readonly #kept: { ones: number; zeros: number; samples: Float64Array }[] = [];

  /** Samples of the share of an action's reward, after rewards that sum to `ones` and lack `zeros` to their number. */
  of(action: number, ones: number, zeros: number): Float64Array {
    let kept = this.#kept[action];
    if (!kept) {
      kept = { ones: Number.NaN, zeros: Number.NaN, samples: new Float64Array(DRAWS) };
      this.#kept[action] = kept;
    }
    if (kept.ones === ones && kept.zeros === zeros) return kept.samples;
    const generator = new Generator('thompson-beta', [String(action)]);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const one = generator.gamma(1 + ones);
      kept.samples[draw] = one / (one + generator.gamma(1 + zeros));
    }
    kept.ones = ones;
    kept.zeros = zeros;
    return kept.samples;
  }
}
