/** Numbers below 2^960 ≈ 9.7e288 can be added as often as anyone can count without leaving the range of doubles. */
const TOO_LARGE = 1_023 + 960;
/** Exponents, as doubles keep them, that have bins: magnitudes of 2^-128 ≈ 2.9e-39 and more, below 2^128 ≈ 3.4e38. */
const FIRST = 1_023 - 128;
const BINS = 256;
/** Cuts a double of 53 bits into two of 26 bits and a sign each (Dekker 1971). */
const SPLITTER = 2 ** 27 + 1;
/** A bin takes so many numbers of 26 bits until it needs more than the 53 of a double. */
const CAPACITY = 2 ** 26;

/**
 * A sum that does not depend on the order of what is added: it is kept exactly, and rounded once, in the end.
 *
 * Each number is cut into an upper and a lower half of its bits, and each half is added to the bin of the number's
 * exponent, where no addition rounds: a superaccumulator (Neal, "Fast exact summation using small and large
 * superaccumulators", 2015) whose bins are doubles. Bins are put together as numbers that do not overlap (Shewchuk,
 * "Adaptive Precision Floating-Point Arithmetic", 1997).
 */
export class ExactSum {
  /** Of each exponent: upper halves, lower halves. */
  readonly #bins = new Float64Array(2 * BINS);
  readonly #bits = new DataView(new ArrayBuffer(8));
  /** Numbers in the bins. */
  #binned = 0;
  /** What was in the bins when they were full, and what has no bin, as numbers that do not overlap. */
  #settled: number[] = [];

  /**
   * @param partials as `toJSON` gave them, or any numbers with the same sum
   * @throws RangeError when they have no finite sum
   */
  constructor(partials: readonly number[] = []) {
    this.#settled = increasedByAll([], partials);
  }

  /** @throws RangeError when the magnitude is not below 2^960, also when it is infinite or NaN */
  add(value: number): void {
    if (value === 0) return;
    const bits = this.#bits;
    bits.setFloat64(0, value, true);
    const exponent = (bits.getUint32(4, true) >>> 20) & 0x7_ff;
    const bin = 2 * (exponent - FIRST);
    if (bin < 0 || bin >= 2 * BINS) {
      if (exponent >= TOO_LARGE) throw new RangeError(`${value} is too large for a sum`);
      this.#settled = increased(this.#settled, value);
      return;
    }
    const shifted = value * SPLITTER;
    const upper = shifted - (shifted - value);
    const bins = this.#bins;
    bins[bin] = (bins[bin] ?? 0) + upper;
    bins[bin + 1] = (bins[bin + 1] ?? 0) + (value - upper);
    this.#binned += 1;
    if (this.#binned === CAPACITY) this.#settle();
  }

  /** Adds all that was added to another. @throws RangeError when the sum would not be finite; nothing is added */
  merge(other: ExactSum): void {
    this.#settled = increasedByAll(this.#settled, other.toJSON());
  }

  /** The sum, rounded to the nearest double; ties to even; never −0. */
  get value(): number {
    this.#settle();
    return rounded(this.#settled);
  }

  /**
   * The exact sum as numbers of falling magnitude: the rounded sum, what it lacks, rounded, and so on. The same sum is
   * always the same numbers.
   */
  toJSON(): number[] {
    this.#settle();
    const made: number[] = [];
    let rest: readonly number[] = this.#settled;
    while (rest.length > 0) {
      const next = rounded(rest);
      made.push(next);
      rest = increased(rest, -next);
    }
    return made;
  }

  #settle(): void {
    if (this.#binned === 0) return;
    const bins = this.#bins;
    for (const part of bins) if (part !== 0) this.#settled = increased(this.#settled, part);
    bins.fill(0);
    this.#binned = 0;
  }
}

function increasedByAll(partials: number[], values: readonly number[]): number[] {
  return values.reduce(increased, partials);
}

/**
 * @param partials that do not overlap, by rising magnitude, none of them 0
 * @throws RangeError when what comes out is not finite: it would never end to be put into numbers that do not overlap
 */
function increased(partials: readonly number[], value: number): number[] {
  const made: number[] = [];
  let x = value;
  for (const y of partials) {
    const high = x + y;
    const low = Math.abs(x) < Math.abs(y) ? x - (high - y) : y - (high - x);
    if (low !== 0) made.push(low);
    x = high;
  }
  if (!Number.isFinite(x)) throw new RangeError('a sum is too large, or made of what is not a number');
  if (x !== 0) made.push(x);
  return made;
}

/** @param partials as `increased` gives them */
function rounded(partials: readonly number[]): number {
  let index = partials.length - 1;
  let high = partials[index] ?? 0;
  let low = 0;
  while (index > 0 && low === 0) {
    index -= 1;
    const x = high;
    const y = partials[index] ?? 0;
    high = x + y;
    low = y - (high - x);
  }
  // Half a unit in the last place: what is below decides which way it is rounded.
  if (index > 0 && low !== 0 && low < 0 === (partials[index - 1] ?? 0) < 0) {
    const doubled = low * 2;
    const x = high + doubled;
    if (doubled === x - high) high = x;
  }
  return high;
}
