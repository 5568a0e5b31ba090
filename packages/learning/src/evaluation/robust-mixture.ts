/** Constants of the mixture. */
const K = 1.5;
const LAMBDA_MAX = 0.5;
const XI = 1.6;
/** (1 + Li₂(η) / (η ζ(2))) / 2 with η = 0.95. */
const S = 0.960_947_541_592_083_3;
/** Terms of the mixture; leaving the rest out is conservative. */
const TERMS = 40;
const LAMBDAS = Array.from({ length: TERMS }, (_, j) => LAMBDA_MAX * XI ** -(j + 0.5));
const LOG_WEIGHTS = Array.from({ length: TERMS }, (_, j) => Math.log(S * (XI - 1)) - (1 + j) * Math.log(XI));

/** What a confidence sequence is made of, as JSON keeps it. */
export interface RobustMixtureState {
  count: number;
  sum: number;
  low: number;
  middle: number;
  /** Of each n: H, H*. */
  high: [number, number][];
}

/**
 * A lower confidence sequence for the running mean of numbers ≥ 0 whose means are in [0, 1], however rare and large
 * some are: valid at every look at once (DDRM, a robust mixture; Mineiro, "A lower confidence sequence for the changing
 * mean of non-negative right heavy-tailed observations with bounded mean", 2022; VowpalWabbit has it as
 * `confidence_sequence_robust`). What is added depends on the order, which is that of decisions.
 */
export class RobustMixture {
  #count: number;
  #sum: number;
  #low: number;
  #middle: number;
  readonly #high: [number, number][];

  constructor(state: RobustMixtureState = { count: 0, sum: 0, low: 0, middle: 0, high: [] }) {
    this.#count = state.count;
    this.#sum = state.sum;
    this.#low = state.low;
    this.#middle = state.middle;
    this.#high = state.high.map(([one, other]) => [one, other]);
  }

  toJSON(): RobustMixtureState {
    return {
      count: this.#count,
      sum: this.#sum,
      low: this.#low,
      middle: this.#middle,
      high: this.#high.map(([one, other]) => [one, other]),
    };
  }

  /** @param x finite and at least 0; of a mean in [0, 1] @throws RangeError when it is not */
  add(x: number): void {
    if (!(x >= 0 && x < Number.POSITIVE_INFINITY)) throw new RangeError(`${x} is not finite and at least 0`);
    const e = x - Math.min(1, (this.#sum + 0.5) / (this.#count + 1));
    if (e <= 0) this.#low += e * e;
    else if (e <= 1) this.#middle += e * e;
    else {
      const n = Math.floor(Math.log(e) / Math.log(K));
      const from = K ** n;
      const a = (K * from - e) / ((K - 1) * from);
      this.#of(n)[0] += a;
      this.#of(n + 1)[0] += 1 - a;
      this.#of(n)[1] -= 0.5 * a * (1 - a);
    }
    this.#sum += x;
    this.#count += 1;
  }

  /** @returns a bound below which the running mean lies at no look, but for a probability of α/2 */
  lower(alpha: number): number {
    if (this.#count === 0) return 0;
    const variances = LAMBDAS.map((lambda) => this.#variance(lambda));
    const threshold = Math.log(2 / alpha);
    const isAbove = (mean: number): boolean => this.#logWealth(mean, variances) > threshold;
    if (!isAbove(0)) return 0;
    if (isAbove(1)) return 1;
    let [left, right] = [0, 1];
    // Halved until nothing is between.
    for (let step = 0; step < 60; step += 1) {
      const middle = (left + right) / 2;
      if (isAbove(middle)) left = middle;
      else right = middle;
    }
    return left;
  }

  #logWealth(mean: number, variances: readonly number[]): number {
    const surplus = this.#sum - this.#count * mean;
    const logs = LAMBDAS.map((lambda, j) => (LOG_WEIGHTS[j] ?? 0) + lambda * surplus - (variances[j] ?? 0));
    const highest = Math.max(...logs);
    return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0));
  }

  #variance(lambda: number): number {
    let variance = (lambda * lambda * this.#low) / (2 * (1 - lambda)) + (lambda * lambda * this.#middle) / 2;
    for (const [n, [whole, part]] of this.#high.entries()) {
      const x = K ** n;
      variance += whole * (lambda * x - Math.log1p(lambda * x));
      variance += part * ((lambda * (K - 1) * x) / (1 + lambda * K * x)) ** 2;
    }
    return variance;
  }

  #of(n: number): [number, number] {
    while (this.#high.length <= n) this.#high.push([0, 0]);
    const found = this.#high[n];
    if (!found) throw new Error(`no place ${n}`);
    return found;
  }
}

/** A two-sided confidence sequence for the value of a policy, from weights and rewards in the order of decisions. */
export class RobustInterval {
  readonly #gains: RobustMixture;
  readonly #losses: RobustMixture;

  constructor(state?: { gains: RobustMixtureState; losses: RobustMixtureState }) {
    this.#gains = new RobustMixture(state?.gains);
    this.#losses = new RobustMixture(state?.losses);
  }

  /**
   * @param weight π_e of what was chosen ÷ its propensity
   * @param reward rescaled to [0, 1]
   * @throws RangeError when one of them is not what it should be; nothing is added
   */
  add(weight: number, reward: number): void {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new RangeError(`a weight of ${weight} is not finite and at least 0`);
    if (!(reward >= 0 && reward <= 1)) throw new RangeError(`a reward of ${reward} is not in [0, 1]`);
    this.#gains.add(weight * reward);
    this.#losses.add(weight * (1 - reward));
  }

  /** Both bounds, rescaled to [0, 1]; the running value lies outside of them at no look, but for a probability of α. */
  bounds(alpha: number): [number, number] {
    return [this.#gains.lower(alpha), 1 - this.#losses.lower(alpha)];
  }

  toJSON(): { gains: RobustMixtureState; losses: RobustMixtureState } {
    return { gains: this.#gains.toJSON(), losses: this.#losses.toJSON() };
  }
}
