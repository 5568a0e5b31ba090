import { Generator } from '../draw/generator.ts';

/** Draws of which the probabilities of Thompson sampling are counted: each is a multiple of 1/1,000. */
export const DRAWS = 1_000;

const COLUMNS = 16;
/** Has no divisor in common with `DRAWS`: the first 16,000 actions begin at a place of their own. */
const SHIFT = 61;

/**
 * Standard normal numbers, `DRAWS` for each action, always the same ones. There are 16 columns of them; action 16 has
 * the first column again, begun further down, so that in no draw two actions have the same number.
 */
export class NormalTable {
  readonly #numbers: Float64Array;

  constructor() {
    this.#numbers = new Float64Array(COLUMNS * DRAWS);
    const generator = new Generator('thompson-normal', []);
    for (let index = 0; index < this.#numbers.length; index += 1) this.#numbers[index] = generator.normal();
  }

  /** Writes mean + deviation · number for each draw of an action. @param into `DRAWS` places */
  sample(action: number, mean: number, deviation: number, into: Float64Array): void {
    const from = (action % COLUMNS) * DRAWS;
    const shift = (Math.floor(action / COLUMNS) * SHIFT) % DRAWS;
    const numbers = this.#numbers;
    for (let draw = 0, at = from + shift; draw < DRAWS - shift; draw += 1, at += 1) {
      into[draw] = mean + deviation * (numbers[at] ?? 0);
    }
    for (let draw = DRAWS - shift, at = from; draw < DRAWS; draw += 1, at += 1) {
      into[draw] = mean + deviation * (numbers[at] ?? 0);
    }
  }
}
