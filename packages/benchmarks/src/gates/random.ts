/** Numbers in [0, 1) that follow from a seed: xoshiro128** (Blackman and Vigna 2021), seeded by splitmix32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 4_294_967_296;
  };
}

/** An index drawn by probabilities that sum to 1. */
export function drawn(probabilities: readonly number[], random: () => number): number {
  let left = random();
  for (const [index, p] of probabilities.entries()) {
    if (left < p) return index;
    left -= p;
  }
  return probabilities.length - 1;
}

/** ε-greedy around one action. */
export function greedy(actions: number, best: number, epsilon: number): number[] {
  return Array.from(
    { length: actions },
    (_, action) => epsilon / actions + (action === best ? 1 - epsilon : 0),
  );
}
