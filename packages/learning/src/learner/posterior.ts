import type { FeatureVector } from '../features/feature-layout.ts';

/** What is believed of each weight, and of actions without features: all that Thompson sampling needs. */
export interface Posterior {
  /** Mean of each weight, for features that are divided by their scale; unit: the reward. */
  readonly means: Float64Array;
  /** Variance of each weight, as a multiple of the square of the rewards' range; `PRIOR_VARIANCE` where nothing was learned. */
  readonly variances: Float64Array;
  /** Largest magnitude seen of each feature; 0 where it was never seen. */
  readonly scales: Float64Array;
  /** Of actions without features, by the hash of the action's id: the sum of their rewards, and how many these are. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly totals: RewardRange;
}

/** The smallest and the largest reward so far, 0 among them. */
export interface RewardRange {
  least: number;
  most: number;
}

/** Before anything is learned, a feature may move the reward through the whole range. */
const PRIOR_VARIANCE = 1;
/** Of a reward in a range of length 1 the variance is at most this. */
const NOISE_VARIANCE = 0.25;
/** Scales are at least this: the ratio of two of them stays a number. */
const LEAST_SCALE = 1e-10;

/** Beliefs before anything was learned. @param bits log2 of the number of weights */
export function emptyPosterior(bits: number): Posterior {
  const size = 2 ** bits;
  return {
    means: new Float64Array(size),
    variances: new Float64Array(size).fill(PRIOR_VARIANCE),
    scales: new Float64Array(size),
    sums: new Float64Array(size),
    counts: new Float64Array(size),
    totals: { least: 0, most: 0 },
  };
}

/** Length of the range of rewards; 1 while all were 0. */
export function spanOf({ least, most }: Readonly<RewardRange>): number {
  return most - least || 1;
}

/** Mean of the reward of an action: Σ mᵢ·xᵢ/Nᵢ. */
export function posteriorMean(
  { means, scales }: Posterior,
  { indices, values, count }: FeatureVector,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const scale = scales[at] ?? 0;
    if (scale > 0) sum += ((means[at] ?? 0) * (values[i] ?? 0)) / scale;
  }
  return sum;
}

/**
 * Variance of that mean, as a multiple of the square of the rewards' range: Σ vᵢ·(xᵢ/Nᵢ)², with a feature that is larger
 * than its scale as `widened` has it.
 */
export function posteriorVariance(
  { variances, scales }: Posterior,
  { indices, values, count }: FeatureVector,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const size = Math.abs(values[i] ?? 0);
    const scale = scales[at] ?? 0;
    const v = variances[at] ?? 0;
    sum += size > scale ? widened(v, scale / size) : v * (size / (scale || 1)) ** 2;
  }
  return sum;
}

/**
 * Learns a reward: the exact update of a normal posterior, kept to its diagonal (assumed density filtering; Opper 1998,
 * and for linear models as in Graepel et al., ICML 2010). With the features divided by their scales and
 * s² = noise + Σ vᵢxᵢ²: mᵢ += vᵢxᵢ(r − m·x)/s², vᵢ −= (vᵢxᵢ)²/s². Where a scale grows, mean and variance are brought to
 * it first. As variances count in the rewards' range, nothing depends on the unit of the reward.
 */
export function updatePosterior(posterior: Posterior, vector: FeatureVector, reward: number): void {
  const { means, variances, scales } = posterior;
  const { indices, values, count } = vector;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const size = Math.max(Math.abs(values[i] ?? 0), LEAST_SCALE);
    const scale = scales[at] ?? 0;
    if (size <= scale) continue;
    if (scale > 0) {
      // The same function of the feature as before.
      means[at] = (means[at] ?? 0) * (size / scale);
      variances[at] = widened(variances[at] ?? 0, scale / size);
    }
    scales[at] = size;
  }
  const error = reward - posteriorMean(posterior, vector);
  const total = NOISE_VARIANCE + posteriorVariance(posterior, vector);
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const x = (values[i] ?? 0) / (scales[at] ?? 1);
    const v = variances[at] ?? 0;
    means[at] = (means[at] ?? 0) + (v * x * error) / total;
    // Of an index that occurs twice the variance must not fall below 0.
    variances[at] = Math.max(v - (v * x * (v * x)) / total, v * 1e-6);
  }
}

/**
 * The variance of a weight on a larger scale: what examples told of it stays as exact as it was, and what is believed
 * without them, 1, is now believed of the larger scale. Precisions add: 1/v′ = 1 + (N/N′)²·(1/v − 1).
 * @param ratio N/N′, the scale so far as a part of the larger one, in [0, 1)
 */
function widened(v: number, ratio: number): number {
  return PRIOR_VARIANCE / (1 + ratio * ratio * (PRIOR_VARIANCE / v - 1));
}
