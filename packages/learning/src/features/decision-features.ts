import type { FeatureValue } from '@rlaas/schemas';
import { FeatureError } from './feature-error.ts';
import { HashedFeatures } from './hashed-features.ts';
import { NameHasher, murmur3 } from './murmur3.ts';

/** Features by name, as applications write them. */
export interface Features {
  readonly [name: string]: FeatureValue;
}

/** An action as applications list it. */
export interface HashableAction {
  readonly id: string;
  readonly features?: Features | undefined;
}

const CONTEXT = murmur3('context', 0);
const ACTION = murmur3('action', 0);
/**
 * Larger values count as this. The update squares features and products of two, and squares must stay finite; no
 * measurement is that large.
 */
const LARGEST = 1e30;
/** Objects nest at most this deep: deeper ones are mistakes or attacks. */
const DEEPEST = 32;

/**
 * The features of one decision, hashed once for all versions that score it, learn from it or explain it. `read` writes
 * over what was there. Flattening: number → (path, x); text → (`path=text`, 1); true → (path, 1); numbers in a list →
 * (`path[i]`, x); objects → dotted paths; `null`, `false` and 0 are absent: a feature of value 0 says nothing, and the
 * learner would divide by it. Names are hashed with MurmurHash3, seeded by their namespace.
 */
export class DecisionFeatures {
  readonly context = new HashedFeatures();
  /** Of all actions; those of action i begin at `starts[i]`, the first one being its id feature, and end at `starts[i + 1]`. */
  readonly action = new HashedFeatures();
  starts = new Uint32Array(65);
  actions: readonly HashableAction[] = [];
  readonly #hasher = new NameHasher();

  get actionCount(): number {
    return this.actions.length;
  }

  /** Whether neither context nor actions have any feature beside the actions' ids. */
  get isBare(): boolean {
    return this.context.count === 0 && this.action.count === this.actions.length;
  }

  /** @throws FeatureError for what is no feature value, such as a number that is not finite */
  read(context: Features, actions: readonly HashableAction[]): void {
    this.actions = actions;
    this.context.clear();
    this.#readObject(this.context, CONTEXT, '', context, ['context']);
    this.action.clear();
    if (this.starts.length <= actions.length) this.starts = new Uint32Array(actions.length * 2 + 1);
    for (let index = 0; index < actions.length; index += 1) {
      const { id, features } = actions[index] as HashableAction;
      this.starts[index] = this.action.count;
      this.action.push(this.#hasher.begin(ACTION).add('action.id=').add(id).end(), 1);
      if (features) this.#readObject(this.action, ACTION, '', features, ['actions', index, 'features']);
    }
    this.starts[actions.length] = this.action.count;
  }

  #readObject(
    into: HashedFeatures,
    seed: number,
    prefix: string,
    features: Features,
    place: (string | number)[],
  ): void {
    for (const name in features) {
      const value = features[name] as FeatureValue;
      if (typeof value === 'number') {
        if (!Number.isFinite(value)) throw new FeatureError([...place, name], 'must be a finite number');
        if (value !== 0) into.push(this.#hasher.begin(seed).add(prefix).add(name).end(), bounded(value));
      } else if (typeof value === 'string') {
        into.push(this.#hasher.begin(seed).add(prefix).add(name).add('=').add(value).end(), 1);
      } else if (value === true) into.push(this.#hasher.begin(seed).add(prefix).add(name).end(), 1);
      else if (value !== null && value !== false)
        this.#readNested(into, seed, prefix + name, value, [...place, name]);
    }
  }

  #readNested(
    into: HashedFeatures,
    seed: number,
    path: string,
    value: unknown,
    place: (string | number)[],
  ): void {
    if (place.length > DEEPEST) throw new FeatureError(place, `must not nest deeper than ${DEEPEST} levels`);
    if (Array.isArray(value)) {
      for (const [index, item] of (value as unknown[]).entries()) {
        if (typeof item !== 'number' || !Number.isFinite(item)) {
          throw new FeatureError([...place, index], 'must be a finite number');
        }
        if (item !== 0) into.push(this.#hasher.begin(seed).add(path).add(`[${index}]`).end(), bounded(item));
      }
    } else if (typeof value === 'object') {
      this.#readObject(into, seed, `${path}.`, value as Features, place);
    } else {
      throw new FeatureError(
        place,
        'must be a number, a text, true, false, null, a list of numbers or an object',
      );
    }
  }
}

function bounded(value: number): number {
  return value > LARGEST ? LARGEST : value < -LARGEST ? -LARGEST : value;
}
