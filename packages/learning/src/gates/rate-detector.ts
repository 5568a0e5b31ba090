import { ChangeDetector } from './change-detector.ts';
import { BETS } from './bets.ts';

/** By how much the share is above its limit, for each of the four bets. */
const EXCESSES = [0.03, 0.06, 0.12, 0.24] as const;

/**
 * Finds that something happens more often than it may, without anything to compare it with: bets on share − limit of sizes
 * λ_j = min(δ_j / (limit (1 − limit) + δ_j²), ½ / limit). While the share of a step has a mean, given all before, of at
 * most `limit`, each factor has a mean of at most 1.
 */
export class RateDetector {
  readonly #limit: number;
  readonly #sizes: readonly number[];
  readonly #detector: ChangeDetector;
  readonly #factors = new Float64Array(BETS);

  /**
   * @param limit largest share that may be, in (0, 1)
   * @param sums as `sums` gave them; default: nothing was seen yet
   */
  constructor(limit: number, sums?: readonly number[]) {
    this.#limit = limit;
    this.#sizes = EXCESSES.map((excess) =>
      Math.min(excess / (limit * (1 - limit) + excess * excess), 0.5 / limit),
    );
    this.#detector = new ChangeDetector(sums);
  }

  /** Takes the next step. @param share how much of it happened, in [0, 1]; of a single time, 0 or 1 */
  add(share: number): void {
    const more = share - this.#limit;
    for (const [index, size] of this.#sizes.entries()) this.#factors[index] = 1 + size * more;
    this.#detector.add(this.#factors);
  }

  get sums(): readonly number[] {
    return this.#detector.sums;
  }

  /** The mean of the sums: reaches A within n steps with a probability of at most n/A. */
  get mean(): number {
    return this.#detector.mean;
  }
}
