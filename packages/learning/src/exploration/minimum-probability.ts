import { type Allowed, allowedCount } from './choice.ts';

/**
 * Makes a distribution the nearest one in which every allowed action has at least m = floor/K: the projection onto that
 * part of the simplex (Duchi, Shalev-Shwartz, Singer and Chandra, ICML 2008, shifted by the floor), not a mixture with the
 * uniform one. In place. Excluded actions keep 0.
 * @param floor in [0, 1], shared by the K allowed actions
 */
export function enforceMinimumProbability(
  probabilities: Float64Array,
  count: number,
  allowed: Allowed,
  floor: number,
): void {
  const k = allowedCount(allowed, count);
  const m = floor / k;
  let [low, sum] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    if (allowed?.[index] === 0) continue;
    // Sums of parts may come out a hair above 1, which is no probability.
    const p = Math.min(probabilities[index] ?? 0, 1);
    probabilities[index] = p;
    if (p < m) low += 1;
    sum += p;
  }
  if (low === 0 && Math.abs(sum - 1) <= 1e-12) return;
  // A floor of 1 leaves one distribution; this near to it rounding would decide.
  const uniform = floor > 1 - 1e-9;
  const tau = uniform ? 0 : thresholdOf(probabilities, count, allowed, k, m);
  for (let index = 0; index < count; index += 1) {
    if (allowed?.[index] === 0) continue;
    probabilities[index] = uniform ? 1 / k : Math.max((probabilities[index] ?? 0) - tau, m);
  }
}

/**
 * τ by the largest ρ of the sorted probabilities for which p_ρ stays above the floor. Found without sorting: from all
 * actions, those that fall to the floor are taken out until none does (Michelot's way; at most K rounds, two or three in
 * practice).
 */
function thresholdOf(
  probabilities: Float64Array,
  count: number,
  allowed: Allowed,
  k: number,
  m: number,
): number {
  let tau = Number.NEGATIVE_INFINITY;
  for (;;) {
    let [above, sum] = [0, 0];
    for (let index = 0; index < count; index += 1) {
      if (allowed?.[index] === 0) continue;
      const p = probabilities[index] ?? 0;
      if (p - tau > m) {
        above += 1;
        sum += p;
      }
    }
    const next = ((k - above) * m + sum - 1) / above;
    if (!(next > tau)) return tau;
    tau = next;
  }
}
