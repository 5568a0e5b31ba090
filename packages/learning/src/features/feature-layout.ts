import type { VersionConfiguration } from '@rlaas/schemas';
import type { DecisionFeatures } from './decision-features.ts';

/** FNV-1's prime, as VowpalWabbit combines the hashes of an interaction: `(a · prime) xor b`. */
const FNV_PRIME = 16_777_619;
/** A feature that every action has: its weight is the mean reward. */
const CONSTANT = 11_650_396;

/** Weights and values of the features of one action, in arrays that grow and are used again. */
export class FeatureVector {
  indices = new Uint32Array(256);
  values = new Float64Array(256);
  count = 0;

  reserve(count: number): void {
    if (count > this.indices.length) {
      this.indices = new Uint32Array(count * 2);
      this.values = new Float64Array(count * 2);
    }
  }
}

type Namespace = 'context' | 'action';

/** Which features a version makes of a decision: those of the action, its interactions, and a constant. */
export class FeatureLayout {
  readonly #mask: number;
  readonly #interactions: readonly (readonly [Namespace, Namespace])[];
  /** Whether the id of an action is a feature of it: the first one of each action. */
  readonly withId: boolean;

  constructor(learner: Pick<VersionConfiguration['learner'], 'bits' | 'interactions' | 'action_id_feature'>) {
    this.#mask = 2 ** learner.bits - 1;
    this.#interactions = learner.interactions;
    this.withId = learner.action_id_feature;
  }

  /** Σ wᵢ·xᵢ over the features of an action, without writing them down. */
  score(weights: Float64Array, features: DecisionFeatures, action: number): number {
    const mask = this.#mask;
    const { action: own, starts } = features;
    const from = (starts[action] ?? 0) + (this.withId ? 0 : 1);
    const to = starts[action + 1] ?? 0;
    let sum = weights[CONSTANT & mask] ?? 0;
    for (let at = from; at < to; at += 1) {
      sum += (weights[(own.hashes[at] ?? 0) & mask] ?? 0) * (own.values[at] ?? 0);
    }
    for (const [first, second] of this.#interactions) {
      const a = first === 'context' ? features.context : own;
      const b = second === 'context' ? features.context : own;
      const aFrom = first === 'context' ? 0 : from;
      const aTo = first === 'context' ? a.count : to;
      const bFrom = second === 'context' ? 0 : from;
      const bTo = second === 'context' ? b.count : to;
      for (let i = aFrom; i < aTo; i += 1) {
        const prefix = Math.imul(a.hashes[i] ?? 0, FNV_PRIME);
        const x = a.values[i] ?? 0;
        for (let j = bFrom; j < bTo; j += 1) {
          sum += (weights[(prefix ^ (b.hashes[j] ?? 0)) & mask] ?? 0) * (x * (b.values[j] ?? 0));
        }
      }
    }
    return sum;
  }

  /** Writes the features of an action down. */
  vector(features: DecisionFeatures, action: number, into: FeatureVector): void {
    const mask = this.#mask;
    const { action: own, starts } = features;
    const from = (starts[action] ?? 0) + (this.withId ? 0 : 1);
    const to = starts[action + 1] ?? 0;
    let size = to - from + 1;
    for (const [first, second] of this.#interactions) {
      const ofContext = features.context.count;
      size += (first === 'context' ? ofContext : to - from) * (second === 'context' ? ofContext : to - from);
    }
    into.reserve(size);
    const { indices, values } = into;
    let count = 0;
    for (let at = from; at < to; at += 1) {
      indices[count] = (own.hashes[at] ?? 0) & mask;
      values[count++] = own.values[at] ?? 0;
    }
    for (const [first, second] of this.#interactions) {
      const a = first === 'context' ? features.context : own;
      const b = second === 'context' ? features.context : own;
      const aFrom = first === 'context' ? 0 : from;
      const aTo = first === 'context' ? a.count : to;
      const bFrom = second === 'context' ? 0 : from;
      const bTo = second === 'context' ? b.count : to;
      for (let i = aFrom; i < aTo; i += 1) {
        const prefix = Math.imul(a.hashes[i] ?? 0, FNV_PRIME);
        const x = a.values[i] ?? 0;
        for (let j = bFrom; j < bTo; j += 1) {
          indices[count] = (prefix ^ (b.hashes[j] ?? 0)) & mask;
          values[count++] = x * (b.values[j] ?? 0);
        }
      }
    }
    indices[count] = CONSTANT & mask;
    values[count++] = 1;
    into.count = count;
  }
}
