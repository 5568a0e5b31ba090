import type { FeatureValue, VersionConfiguration } from '@rlaas/schemas';
import { type NamedFeature, flatten } from './flatten.ts';
import { murmur3 } from './murmur3.ts';
import type { SparseVector } from './sparse-vector.ts';

type Namespace = 'context' | 'action';

/** An action as applications list it. */
export interface HashableAction {
  readonly id: string;
  readonly features?: { readonly [name: string]: FeatureValue } | undefined;
}

/** Context and actions of a decision → one vector for each action, over 2^bits weights. */
export type FeatureHasher = (
  context: { readonly [name: string]: FeatureValue },
  actions: readonly HashableAction[],
) => SparseVector[];

/** FNV-1's prime, as VowpalWabbit combines the hashes of an interaction: `(a · prime) xor b`. */
const FNV_PRIME = 16_777_619;
const SEEDS: Readonly<Record<Namespace, number>> = {
  context: murmur3('context', 0),
  action: murmur3('action', 0),
};
/** A feature that every action has: its weight is the mean reward. */
const CONSTANT = 11_650_396;

interface Hashed {
  hash: number;
  value: number;
}

/** Makes the hasher of a version: the features of an action, the interactions it names, and a constant. */
export function createFeatureHasher(learner: VersionConfiguration['learner']): FeatureHasher {
  const mask = 2 ** learner.bits - 1;
  const interactions: readonly (readonly [Namespace, Namespace])[] = learner.interactions;
  return (context, actions) => {
    const contextFeatures = hashAll('context', flatten(context));
    return actions.map((action) => {
      const named = flatten(action.features ?? {});
      if (learner.action_id_feature) named.push([`action.id=${action.id}`, 1]);
      const of = { context: contextFeatures, action: hashAll('action', named) };
      const count = interactions.reduce(
        (sum, [a, b]) => sum + of[a].length * of[b].length,
        of.action.length + 1,
      );
      const indices = new Uint32Array(count);
      const values = new Float64Array(count);
      let at = 0;
      for (const { hash, value } of of.action) {
        indices[at] = hash & mask;
        values[at++] = value;
      }
      for (const [first, second] of interactions) {
        for (const a of of[first]) {
          const prefix = Math.imul(a.hash, FNV_PRIME);
          for (const b of of[second]) {
            indices[at] = (prefix ^ b.hash) & mask;
            values[at++] = a.value * b.value;
          }
        }
      }
      indices[at] = CONSTANT & mask;
      values[at] = 1;
      return { indices, values };
    });
  };
}

function hashAll(namespace: Namespace, features: readonly NamedFeature[]): Hashed[] {
  const seed = SEEDS[namespace];
  return features.map(([name, value]) => ({ hash: murmur3(name, seed), value }));
}
