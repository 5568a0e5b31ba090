/** The middle of some repetitions and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * The value that a share of all values do not exceed (nearest rank).
 * @param share in (0, 1], such as 0.99
 */
export function percentile(values: Float64Array, share: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of no values');
  if (!(share > 0 && share <= 1)) throw new RangeError(`a share lies in (0, 1], not at ${share}`);
  const sorted = values.toSorted();
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}
