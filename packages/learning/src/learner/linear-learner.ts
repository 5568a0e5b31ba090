import type { FeatureVector } from '../features/feature-layout.ts';

/** Running totals of a linear model. */
export interface LinearTotals {
  /** N_sum, T. */
  normSum: number;
  importance: number;
  /** The smallest and the largest label so far, 0 included: predictions stay between them. */
  least: number;
  most: number;
}

/** All that an exact resume needs. Arrays have one place for each weight. */
export interface LinearState {
  readonly weights: Float64Array;
  /** Accumulated squared gradients, G. */
  readonly gradients: Float64Array;
  /** Largest magnitude seen of each feature, N. */
  readonly scales: Float64Array;
  readonly totals: LinearTotals;
}

/** Below this a squared feature counts as this, as in VowpalWabbit's gd.cc: it keeps the division defined. */
const TINY = 1.084_202_2e-19;
/** Labels and importances beyond these count as these: with features of at most 1e60 all squares stay finite. */
const LARGEST_LABEL = 1e60;
const LARGEST_IMPORTANCE = 1e30;

/** A state in which nothing was learned. @param bits log2 of the number of weights */
export function emptyLinearState(bits: number): LinearState {
  const size = 2 ** bits;
  return {
    weights: new Float64Array(size),
    gradients: new Float64Array(size),
    scales: new Float64Array(size),
    totals: { normSum: 0, importance: 0, least: 0, most: 0 },
  };
}

/** A label as it is learned. */
export function bounded(label: number): number {
  return label > LARGEST_LABEL ? LARGEST_LABEL : label < -LARGEST_LABEL ? -LARGEST_LABEL : label;
}

/** w·x, clipped to the labels seen so far. Of a state in which nothing was learned: 0. */
export function predict({ weights, totals }: LinearState, { indices, values, count }: FeatureVector): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += (weights[indices[i] ?? 0] ?? 0) * (values[i] ?? 0);
  return sum < totals.least ? totals.least : sum > totals.most ? totals.most : sum;
}

/**
 * One step towards a target with importance h, by the adaptive, normalized and invariant update of VowpalWabbit for
 * squared loss (gd.cc and loss_functions.cc; Ross, Mineiro and Langford 2013; Karampatziakis and Langford 2011) with
 * power_t = ½. The prediction never passes the label, whatever the importance, except in an example in which a scale
 * grows.
 * @param rate η
 */
export function update(
  state: LinearState,
  vector: FeatureVector,
  target: number,
  importance: number,
  rate: number,
): void {
  const { weights, gradients, scales, totals } = state;
  const { indices, values, count } = vector;
  const label = bounded(target);
  const h = Math.min(importance, LARGEST_IMPORTANCE);
  // Before the prediction, so that it may reach a label beyond those so far.
  if (label < totals.least) totals.least = label;
  if (label > totals.most) totals.most = label;
  const error = predict(state, vector) - label;
  const g2 = h * 4 * error * error;
  // Nothing left to learn; and squares of what is smaller still would vanish below.
  if (g2 < 1e-200) return;
  let norm = 0;
  let perUpdate = 0;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const x = values[i] ?? 0;
    const x2 = Math.max(x * x, TINY);
    const gradient = (gradients[at] ?? 0) + g2 * x2;
    gradients[at] = gradient;
    const size = Math.sqrt(x2);
    const scale = scales[at] ?? 0;
    if (size > scale) {
      // The weight was learned on a smaller scale; rescaled, the prediction for old examples stays what it was.
      if (scale > 0) weights[at] = (weights[at] ?? 0) * (scale / size);
      scales[at] = size;
    }
    const n = scales[at] ?? size;
    norm += x2 / (n * n);
    perUpdate += x2 / (Math.sqrt(gradient) * n);
  }
  totals.importance += h;
  totals.normSum += h * norm;
  const m = 1 / Math.sqrt(totals.normSum / totals.importance);
  perUpdate *= m;
  const scale = rate * h;
  const u =
    scale * perUpdate < 1e-6
      ? -2 * error * scale
      : (-error * (1 - Math.exp(-2 * scale * perUpdate))) / perUpdate;
  for (let i = 0; i < count; i += 1) {
    const at = indices[i] ?? 0;
    const step = (u * m * (values[i] ?? 0)) / (Math.sqrt(gradients[at] ?? 1) * (scales[at] ?? 1));
    weights[at] = (weights[at] ?? 0) + step;
  }
}
