import { BETS } from './bets.ts';

/**
 * What four games that began with 1 have come to, as logarithms: Σ ln(1 + λ_j z). Their mean reaches 1/α with a
 * probability of at most α while the hypothesis holds, however often one looks (Ville 1939).
 */
export class Wealth {
  readonly #logs: number[];

  /** @param logs as `logs` gave them; default: nothing was bet yet */
  constructor(logs: readonly number[] = Array.from({ length: BETS }, () => 0)) {
    this.#logs = [...logs];
  }

  get logs(): readonly number[] {
    return this.#logs;
  }

  /** Plays a round. @param factors 1 + λ_j z, each greater than 0 */
  add(factors: Float64Array): void {
    for (const [index, factor] of factors.entries()) {
      this.#logs[index] = (this.#logs[index] ?? 0) + Math.log(factor);
    }
  }

  /** Natural logarithm of the mean of the games. */
  get log(): number {
    const highest = Math.max(...this.#logs);
    let sum = 0;
    for (const log of this.#logs) sum += Math.exp(log - highest);
    return highest + Math.log(sum / this.#logs.length);
  }
}

/** Natural logarithm of the mean of two numbers given by theirs. */
export function logMean(a: number, b: number): number {
  const highest = Math.max(a, b);
  return highest + Math.log((Math.exp(a - highest) + Math.exp(b - highest)) / 2);
}
