import { WideHasher } from './wide-hasher.ts';

/**
 * xoshiro128** (Blackman and Vigna 2021), a generator whose numbers follow from its parts alone: the same parts give the
 * same numbers, and parts that differ in one character give numbers that have nothing to do with each other. The parts
 * are hashed to the 128 bits of the state, fully mixed: ids that count up must not make draws that count up.
 */
export class Generator {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  /** @param domain keeps draws for different purposes apart */
  constructor(domain: string, parts: readonly string[]) {
    const hasher = new WideHasher().add(domain);
    // Lengths keep ('ab', 'c') apart from ('a', 'bc').
    for (const part of parts) hasher.addNumber(part.length).add(part);
    [this.#s0, this.#s1, this.#s2, this.#s3] = hasher.end();
  }

  /** A number in [0, 1) of 53 bits. */
  uniform(): number {
    const high = this.#word();
    const low = this.#word();
    return ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
  }

  /** A standard normal number (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A number of the gamma distribution with this shape and scale 1 (Marsaglia and Tsang 2000). @param shape at least 1 */
  gamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  #word(): number {
    const s1 = this.#s1;
    const x2 = this.#s2 ^ this.#s0;
    const x3 = this.#s3 ^ s1;
    this.#s0 ^= x3;
    this.#s1 = s1 ^ x2;
    this.#s2 = x2 ^ (s1 << 9);
    this.#s3 = rotate(x3, 11);
    return Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
