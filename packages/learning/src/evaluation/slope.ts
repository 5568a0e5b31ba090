interface Candidate {
  value: number;
  halfWidth: number;
}

/**
 * Chooses among estimates that trade variance for bias (SLOPE++; Tucker and Lee, "Improved Estimator Selection for
 * Off-Policy Evaluation", 2021): from the widest interval on, an estimate is accepted as long as it agrees with all
 * accepted before, |θ_j − θ_i| ≤ c_i + (√6 − 1) c_j; the last one accepted is chosen.
 * @param candidates at least one
 */
export function choose<T extends Candidate>(candidates: readonly T[]): T {
  const ordered = candidates.toSorted((a, b) => b.halfWidth - a.halfWidth);
  const [first] = ordered;
  if (!first) throw new RangeError('there is nothing to choose from');
  const accepted: T[] = [first];
  for (const one of ordered.slice(1)) {
    const agrees = accepted.every(
      (other) => Math.abs(other.value - one.value) <= one.halfWidth + (Math.sqrt(6) - 1) * other.halfWidth,
    );
    if (!agrees) break;
    accepted.push(one);
  }
  return accepted.at(-1) ?? first;
}
