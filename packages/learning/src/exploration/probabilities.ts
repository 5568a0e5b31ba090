/**
 * ε/K for every action and the rest in equal parts for those with the highest score.
 * @param scores K numbers
 */
export function epsilonGreedy(scores: readonly number[], epsilon: number): number[] {
  const best = Math.max(...scores);
  const ties = scores.filter((score) => score === best).length;
  return scores.map((score) => epsilon / scores.length + (score === best ? (1 - epsilon) / ties : 0));
}

/**
 * The nearest distribution in which every action has at least floor/K: the projection onto that part of the simplex
 * (Duchi, Shalev-Shwartz, Singer and Chandra, ICML 2008, shifted by the floor), not a mixture with the uniform one.
 * @param probabilities K numbers that sum to 1
 * @param floor in [0, 1], shared by the K actions
 */
export function enforceMinimumProbability(probabilities: readonly number[], floor: number): number[] {
  const k = probabilities.length;
  const m = floor / k;
  if (probabilities.every((p) => p >= m)) return [...probabilities];
  // A floor of 1 leaves one distribution; this near to it rounding would decide.
  if (floor > 1 - 1e-9) return probabilities.map(() => 1 / k);
  const descending = probabilities.toSorted((a, b) => b - a);
  let sum = 0;
  let tau = 0;
  for (const [i, p] of descending.entries()) {
    sum += p;
    const candidate = ((k - i - 1) * m + (sum - 1)) / (i + 1);
    if (i === 0 || p > candidate + m) tau = candidate;
  }
  return probabilities.map((p) => Math.max(p - tau, m));
}
