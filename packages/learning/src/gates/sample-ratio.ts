import { Wealth } from './wealth.ts';

const SIZES = [-1, -0.5, 0.5, 1] as const;

/**
 * Whether the candidate gets the share of the units that it should: bets on 1{candidate} − s in both directions. When it
 * does not, assignment or logging depends on the version, and no figure of the rollout means anything.
 */
export class SampleRatio {
  readonly #wealth: Wealth;
  readonly #factors = new Float64Array(SIZES.length);

  /** @param logs as `logs` gave them */
  constructor(logs?: readonly number[]) {
    this.#wealth = new Wealth(logs);
  }

  get logs(): readonly number[] {
    return this.#wealth.logs;
  }

  /** @param share with which the candidate should have decided, in (0, 1) */
  add(isCandidate: boolean, share: number): void {
    for (const [index, size] of SIZES.entries()) {
      this.#factors[index] = 1 + size * ((isCandidate ? 1 : 0) - share);
    }
    this.#wealth.add(this.#factors);
  }

  /** Natural logarithm of the wealth. */
  get log(): number {
    return this.#wealth.log;
  }
}
