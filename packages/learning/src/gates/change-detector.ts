import { BETS } from './bets.ts';

/** Beyond this a sum is as good as any. */
const LARGEST = 1e300;

/**
 * Finds that something became worse, however long it was well before: S ← (S + 1)(1 + λ_j z), the Shiryaev–Roberts sum
 * of games that begin at each unit. While nothing is worse, the mean of the sums reaches A within n units with a
 * probability of at most n/A (Shin, Ramdas and Rinaldo, "E-detectors", 2023).
 */
export class ChangeDetector {
  readonly #sums: number[];

  /** @param sums as `sums` gave them; default: nothing was seen yet */
  constructor(sums: readonly number[] = Array.from({ length: BETS }, () => 0)) {
    this.#sums = [...sums];
  }

  get sums(): readonly number[] {
    return this.#sums;
  }

  /** Sees a unit. @param factors 1 + λ_j z, each greater than 0 */
  add(factors: Float64Array): void {
    for (const [index, factor] of factors.entries()) {
      this.#sums[index] = Math.min(((this.#sums[index] ?? 0) + 1) * factor, LARGEST);
    }
  }

  get mean(): number {
    let total = 0;
    for (const sum of this.#sums) total += sum / this.#sums.length;
    return total;
  }
}
