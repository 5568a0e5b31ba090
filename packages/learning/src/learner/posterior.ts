import type { FeatureVector } from '../features/feature-layout.ts';

/** What is believed of each weight, and of actions without features: all that Thompson sampling needs. */
export interface Posterior {
  /** Mean of each weight, for features that are divided by their scale. */
  readonly means: Float64Array;
  /** Variance of each weight; `PRIOR_VARIANCE` where nothing was learned. */
  readonly variances: Float64Array;
  /** Largest magnitude seen of each feature. */
  readonly scales: Float64Array;
  /** Rewards of actions without features, scaled to [0, 1], and what they lack to 1; by the hash of the action's id. */
  readonly ones: Float64Array;
  readonly zeros: Float64Array;
  readonly totals: { least: number; most: number };
}

/** Before anything is learned, a score may lie about one away from 0 for each feature. */
const PRIOR_VARIANCE = 1;
/** A reward in [0, 1] has at most this. */
const NOISE_VARIANCE = 0.25;

export function emptyPosterior(bits: number): Posterior {
  const size = 2 ** bits;
  return {
    means: new Float64Array(size),
    variances: new Float64Array(size).fill(PRIOR_VARIANCE),
    scales: new Float64Array(size),
    ones: new Float64Array(size),
    zeros: new Float64Array(size),
    totals: { least: 0, most: 0 },
  };
}

/** Mean of the reward of an action: Σ mᵢ·xᵢ/Nᵢ. */
export function posteriorMean(
  { means, scales }: Posterior,
  { indices, values, count }: FeatureVector,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    sum += (means[at] ?? 0) * scaled(values[i] ?? 0, scales[at] ?? 0);
  }
  return sum;
}

/** Variance of that mean: Σ vᵢ·(xᵢ/Nᵢ)². */
export function posteriorVariance(
  { variances, scales }: Posterior,
  { indices, values, count }: FeatureVector,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const x = scaled(values[i] ?? 0, scales[at] ?? 0);
    sum += (variances[at] ?? 0) * x * x;
  }
  return sum;
}

/**
 * Learns a reward: the exact update of a normal posterior, kept to its diagonal (assumed density filtering; Opper 1998,
 * and for linear models as in Graepel et al., ICML 2010). With s² = noise + Σ vᵢxᵢ²: mᵢ += vᵢxᵢ(r − m·x)/s²,
 * vᵢ −= (vᵢxᵢ)²/s². Where a scale grows, mean and variance are brought to it first.
 */
export function updatePosterior(posterior: Posterior, vector: FeatureVector, reward: number): void {
  const { means, variances, scales } = posterior;
  const { indices, values, count } = vector;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const size = Math.abs(values[i] ?? 0);
    const scale = scales[at] ?? 0;
    if (size <= scale) continue;
    // The same function of the feature as before, on the larger scale.
    if (scale > 0) means[at] = (means[at] ?? 0) * (size / scale);
    scales[at] = size;
  }
  const error = reward - posteriorMean(posterior, vector);
  const total = NOISE_VARIANCE + posteriorVariance(posterior, vector);
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const x = scaled(values[i] ?? 0, scales[at] ?? 0);
    const v = variances[at] ?? 0;
    means[at] = (means[at] ?? 0) + (v * x * error) / total;
    // Of an index that occurs twice the variance must not fall below 0.
    variances[at] = Math.max(v - (v * x * (v * x)) / total, v * 1e-6);
  }
}

/** A reward between the least and the largest one so far, 0 and 1 included, as a share. */
export function shareOf(reward: number, { least, most }: Posterior['totals']): number {
  const low = Math.min(0, least);
  const high = Math.max(1, most);
  return (reward - low) / (high - low);
}

function scaled(x: number, scale: number): number {
  // Of a feature that was never seen, the value itself is the scale.
  return Math.abs(x) > scale ? Math.sign(x) : x / scale;
}
