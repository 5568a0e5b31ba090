/** Of each data set, the share of wrong actions of each shuffle. */
export type Losses = ReadonlyMap<string, readonly number[]>;

/** A mean and how sure it is. */
export interface Estimate {
  mean: number;
  /** Standard error of the mean. */
  error: number;
}

/** @param values at least two */
export function estimateOf(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Mean over the data sets, each of which counts the same. Their shuffles have nothing to do with each other. */
export function overall(estimates: readonly Estimate[]): Estimate {
  const count = estimates.length;
  return {
    mean: estimates.reduce((sum, { mean }) => sum + mean, 0) / count,
    error: Math.sqrt(estimates.reduce((sum, { error }) => sum + error ** 2, 0)) / count,
  };
}

/** By how much more often one learner is wrong than another, shuffle by shuffle. */
function differenceOf(losses: readonly number[], others: readonly number[]): Estimate {
  return estimateOf(losses.map((loss, shuffle) => loss - (others[shuffle] ?? Number.NaN)));
}

/** The learner with the least mean loss over all data sets. @param learners at least one */
export function bestOf<Learner extends { losses: Losses }>(learners: readonly Learner[]): Learner {
  let best: { learner: Learner; mean: number } | undefined;
  for (const learner of learners) {
    const { mean } = overall([...learner.losses.values()].map(estimateOf));
    if (!best || mean < best.mean) best = { learner, mean };
  }
  if (!best) throw new RangeError('there is no best of no learners');
  return best.learner;
}

/** How one learner stands to another, by the criterion of this bench. */
export interface Comparison {
  /** Of each data set. */
  differences: ReadonlyMap<string, Estimate>;
  mean: Estimate;
  /** The data set on which it loses most. */
  worst: { dataset: string; difference: Estimate };
  /** The mean difference is at most MEAN or one standard error, and no data set is worse by more than ONE_SET. */
  isAsGood: boolean;
}

export const MEAN = 0.005;
export const ONE_SET = 0.02;

/** @param losses, others of the same data sets and shuffles */
export function compare(losses: Losses, others: Losses): Comparison {
  const differences = new Map<string, Estimate>();
  for (const [dataset, values] of losses) {
    differences.set(dataset, differenceOf(values, others.get(dataset) ?? []));
  }
  const mean = overall([...differences.values()]);
  const [worst] = [...differences]
    .map(([dataset, difference]) => ({ dataset, difference }))
    .toSorted((a, b) => b.difference.mean - a.difference.mean);
  if (!worst) throw new RangeError('there is no data set to compare on');
  const isAsGood = (mean.mean <= MEAN || mean.mean <= mean.error) && worst.difference.mean <= ONE_SET;
  return { differences, mean, worst, isAsGood };
}
