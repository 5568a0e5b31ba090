import { type Allowed, type Choice, allowedCount } from './choice.ts';

/** ε/K for each of the K allowed actions, and 1 − ε in equal parts for those with the highest score. */
export function epsilonGreedy(choice: Choice, allowed: Allowed, epsilon: number): void {
  const { scores, probabilities, count } = choice;
  const k = allowedCount(allowed, count);
  const best = highest(scores, count, allowed);
  let ties = 0;
  for (let i = 0; i < count; i += 1) if (allowed?.[i] !== 0 && scores[i] === best) ties += 1;
  for (let i = 0; i < count; i += 1) {
    if (allowed?.[i] === 0) probabilities[i] = 0;
    else probabilities[i] = epsilon / k + (scores[i] === best ? (1 - epsilon) / ties : 0);
  }
}

/** p ∝ exp(λ·score). Scores are taken from the highest one, so that nothing overflows. */
export function softmax(choice: Choice, allowed: Allowed, lambda: number): void {
  const { scores, probabilities, count } = choice;
  const best = highest(scores, count, allowed);
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const weight = allowed?.[i] === 0 ? 0 : Math.exp(lambda * ((scores[i] ?? 0) - best));
    probabilities[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < count; i += 1) probabilities[i] = (probabilities[i] ?? 0) / sum;
}

/**
 * p_a = 1/(K + γ(best − score_a)) for all but the best action, which takes the rest; of equal ones the lowest index is
 * the best (Foster and Rakhlin, ICML 2020, "Beyond UCB").
 * @param gamma γ₀·√t, with t decisions learned; 0 is uniform
 */
export function squarecb(choice: Choice, allowed: Allowed, gamma: number): void {
  const { scores, probabilities, count } = choice;
  const k = allowedCount(allowed, count);
  // Infinity times the distance 0 would be no number.
  const steepness = Math.min(gamma, Number.MAX_VALUE);
  let best = -1;
  for (let i = 0; i < count; i += 1) {
    if (allowed?.[i] !== 0 && (best === -1 || (scores[i] ?? 0) > (scores[best] ?? 0))) best = i;
  }
  const top = scores[best] ?? 0;
  let rest = 1;
  for (let i = 0; i < count; i += 1) {
    if (i === best) continue;
    const p = allowed?.[i] === 0 ? 0 : 1 / (k + steepness * (top - (scores[i] ?? 0)));
    probabilities[i] = p;
    rest -= p;
  }
  probabilities[best] = rest;
}

/** Adds a share in equal parts to the allowed actions with the highest score. */
export function addToBest(
  scores: Float64Array,
  count: number,
  allowed: Allowed,
  share: number,
  into: Float64Array,
): void {
  const best = highest(scores, count, allowed);
  let ties = 0;
  for (let i = 0; i < count; i += 1) if (allowed?.[i] !== 0 && scores[i] === best) ties += 1;
  for (let i = 0; i < count; i += 1) {
    if (allowed?.[i] !== 0 && scores[i] === best) into[i] = (into[i] ?? 0) + share / ties;
  }
}

/** The highest score of the allowed actions. */
export function highest(scores: Float64Array, count: number, allowed: Allowed): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i += 1) {
    const score = scores[i] ?? 0;
    if (allowed?.[i] !== 0 && score > best) best = score;
  }
  return best;
}
