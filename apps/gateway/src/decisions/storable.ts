/**
 * Levels of objects and lists within the features of a context or an action. An event has 32 in all, and the features of
 * an action begin at the fifth.
 */
const DEEPEST = 24;
/** Members and list items of a context, or of the features of an action. */
const MOST_OF_ONE = 2_000;
/** Of all of a decision: the collector takes 50,000 different names in one request. */
const MOST_OF_ALL = 40_000;
/** Texts without anything that needs a second look. */
const PLAIN = /^[ -~]*$/;

/** Where something is wrong, from the object that was looked at, and what. */
export interface Unstorable {
  path: (string | number)[];
  message: string;
}

/** Counts what features hold, over all that belong to a decision. */
export class FeatureCount {
  #all = 0;
  #one = 0;

  /** What comes now belongs to another action, or to the context. */
  next(): void {
    this.#one = 0;
  }

  /** @returns what is too much with so many more */
  add(count: number): string | undefined {
    this.#one += count;
    this.#all += count;
    if (this.#one > MOST_OF_ONE) return `has more than ${MOST_OF_ONE} features`;
    return this.#all > MOST_OF_ALL ? `is one of more than ${MOST_OF_ALL} features in all` : undefined;
  }
}

/** Whether a text can be stored: no \u0000, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return PLAIN.test(text) || (!text.includes('\0') && text.isWellFormed());
}

/**
 * What of features could not be stored, or read back as it was sent: the collector would refuse the decision after it was
 * answered. Also everything that is no feature value at all.
 */
export function unstorableFeature(
  features: Readonly<Record<string, unknown>>,
  count: FeatureCount,
): Unstorable | undefined {
  count.next();
  return inObject(features, 1, count);
}

function inObject(
  features: Readonly<Record<string, unknown>>,
  depth: number,
  count: FeatureCount,
): Unstorable | undefined {
  if (depth > DEEPEST) return { path: [], message: `nests deeper than ${DEEPEST} levels` };
  for (const name in features) {
    const tooMany = count.add(1);
    if (tooMany !== undefined) return { path: [name], message: tooMany };
    const wrong =
      name === '' || name === '__proto__' || !isStorableText(name)
        ? { path: [], message: 'has a name that cannot be stored' }
        : inValue(features[name], depth, count);
    if (wrong) {
      wrong.path.unshift(name);
      return wrong;
    }
  }
  return undefined;
}

function inValue(value: unknown, depth: number, count: FeatureCount): Unstorable | undefined {
  if (typeof value === 'number') return inNumber(value);
  if (typeof value === 'string') {
    return isStorableText(value)
      ? undefined
      : { path: [], message: String.raw`has \u0000 or half of a surrogate pair, which cannot be stored` };
  }
  if (typeof value === 'boolean' || value === null) return undefined;
  if (Array.isArray(value)) return inList(value as unknown[], count);
  if (typeof value === 'object') return inObject(value as Record<string, unknown>, depth + 1, count);
  return {
    path: [],
    message: 'must be a finite number, a text, true, false, null, a list of numbers or an object of these',
  };
}

function inList(list: readonly unknown[], count: FeatureCount): Unstorable | undefined {
  const tooMany = count.add(list.length);
  if (tooMany !== undefined) return { path: [], message: tooMany };
  for (const [index, item] of list.entries()) {
    const wrong =
      typeof item === 'number' ? inNumber(item) : { path: [], message: 'must be a finite number' };
    if (wrong) {
      wrong.path.unshift(index);
      return wrong;
    }
  }
  return undefined;
}

function inNumber(value: number): Unstorable | undefined {
  if (!Number.isFinite(value)) return { path: [], message: 'must be a finite number' };
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return {
      path: [],
      message: 'is a whole number beyond 2^53, which JSON readers round: send it as a text',
    };
  }
  return undefined;
}
