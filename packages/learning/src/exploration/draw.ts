import { finalMix, murmur3 } from '../features/murmur3.ts';

/**
 * A number in [0, 1) that follows from its parts alone: the same parts give the same number, and parts that differ in
 * one character give numbers that have nothing to do with each other. 53 bits from two hashes, each fully mixed:
 * ids that count up must not make draws that count up.
 */
export function uniformOf(...parts: readonly string[]): number {
  // Lengths keep ('ab', 'c') apart from ('a', 'bc').
  const text = parts.map((part) => `${part.length}:${part}`).join('|');
  const high = finalMix(murmur3(text, 0x9e3779b9) ^ 0x5bd1e995);
  const low = finalMix(murmur3(text, 0x85ebca77) ^ 0xc2b2ae3d);
  return ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
}

/** The index that `u` in [0, 1) falls on; an action of probability 0 is never drawn. */
export function draw(probabilities: readonly number[], u: number): number {
  let left = u;
  let last = -1;
  for (const [index, p] of probabilities.entries()) {
    if (p <= 0) continue;
    last = index;
    if (left < p) return index;
    left -= p;
  }
  // Rounding may leave a sliver behind the last one.
  if (last < 0) throw new RangeError('no action has a positive probability');
  return last;
}
