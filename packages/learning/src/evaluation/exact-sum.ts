/**
 * A sum that does not depend on the order of what is added: the exact sum is kept as numbers that do not overlap
 * (Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997), and rounded once, in the end.
 */
export class ExactSum {
  /** By rising magnitude, none of which overlap. */
  #partials: Float64Array;
  #count = 0;

  /** @param partials as `toJSON` gave them */
  constructor(partials: readonly number[] = []) {
    this.#partials = new Float64Array(Math.max(8, partials.length * 2));
    for (const partial of partials) this.add(partial);
  }

  /** @param value a finite number */
  add(value: number): void {
    const partials = this.#partials;
    let x = value;
    let kept = 0;
    for (let index = 0; index < this.#count; index += 1) {
      let y = partials[index] ?? 0;
      if (Math.abs(x) < Math.abs(y)) {
        const larger = y;
        y = x;
        x = larger;
      }
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) {
        partials[kept] = low;
        kept += 1;
      }
      x = high;
    }
    if (x !== 0 || kept === 0) {
      if (kept === partials.length) this.#grow();
      this.#partials[kept] = x;
      kept += 1;
    }
    this.#count = kept;
  }

  /** Adds all that was added to another. */
  merge(other: ExactSum): void {
    for (const partial of other.toJSON()) this.add(partial);
  }

  /** The sum, rounded to the nearest double; ties to even. */
  get value(): number {
    const partials = this.#partials;
    let index = this.#count - 1;
    if (index < 0) return 0;
    let high = partials[index] ?? 0;
    let low = 0;
    while (index > 0) {
      index -= 1;
      const x = high;
      const y = partials[index] ?? 0;
      high = x + y;
      low = y - (high - x);
      if (low !== 0) break;
    }
    // Half a unit in the last place: what is below decides which way it is rounded.
    if (index > 0 && low !== 0 && low < 0 === (partials[index - 1] ?? 0) < 0) {
      const doubled = low * 2;
      const x = high + doubled;
      if (doubled === x - high) high = x;
    }
    // There is one zero: a sum of −0 is told from others by nothing else.
    return high === 0 ? 0 : high;
  }

  /** What it is made of. */
  toJSON(): number[] {
    return Array.from(this.#partials.subarray(0, this.#count)).filter((partial) => partial !== 0);
  }

  #grow(): void {
    const larger = new Float64Array(this.#partials.length * 2);
    larger.set(this.#partials);
    this.#partials = larger;
  }
}
