import type { Choice } from '../exploration/choice.ts';

/**
 * The index that `u` falls on when the probabilities are laid side by side; an action of probability 0 is never drawn.
 * @param u in [0, 1)
 * @throws RangeError when no action has a positive probability
 */
export function drawIndex({ probabilities, count }: Choice, u: number): number {
  let left = u;
  let last = -1;
  for (let index = 0; index < count; index += 1) {
    const p = probabilities[index] ?? 0;
    if (p <= 0) continue;
    last = index;
    if (left < p) return index;
    left -= p;
  }
  // Rounding may leave a sliver behind the last one.
  if (last < 0) throw new RangeError('no action has a positive probability');
  return last;
}
