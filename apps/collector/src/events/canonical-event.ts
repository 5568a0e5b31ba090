/** Levels of objects and lists in an event. */
export const DEPTH_LIMIT = 32;

/** An event as text, the same for any way of writing it down. */
export interface CanonicalEvent {
  /** RFC 8785: names sorted by UTF-16 units, no blanks, numbers as ECMAScript writes them. */
  text: string;
  /** The same of its `data`; `{}` where there is none. */
  data: string;
}

/** Something that cannot be stored or read back as it was sent. */
export class UnstorableValue extends Error {
  /** Names and places that lead to it. */
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.name = 'UnstorableValue';
    this.path = path;
  }
}

/**
 * Writes an event in the form of RFC 8785, and finds on the way what has no place in the store.
 * @throws UnstorableValue for half of a surrogate pair, \u0000, an integer beyond 2^53, too many levels
 */
export function canonicalEvent(event: Readonly<Record<string, unknown>>): CanonicalEvent {
  let data = '{}';
  const parts: string[] = [];
  for (const name of sortedNames(event)) {
    const value = event[name];
    if (value === undefined) continue;
    const text = write(value, name, 1);
    if (name === 'data') data = text;
    parts.push(`${writeText(name, name)}:${text}`);
  }
  return { text: `{${parts.join(',')}}`, data };
}

/** Names and places are put in front while the error travels up, so that nothing is kept for events that are well. */
function write(value: unknown, place: string | number, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeText(value, place);
    case 'number':
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new UnstorableValue(
          [place],
          'is a whole number beyond 2^53, which JSON readers round: send it as a text',
        );
      }
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (depth >= DEPTH_LIMIT) throw new UnstorableValue([place], `nests deeper than ${DEPTH_LIMIT} levels`);
      try {
        return Array.isArray(value)
          ? `[${value.map((item, index) => write(item, index, depth + 1)).join(',')}]`
          : writeObject(value as Record<string, unknown>, depth + 1);
      } catch (error) {
        if (error instanceof UnstorableValue)
          throw new UnstorableValue([place, ...error.path], error.message);
        throw error;
      }
    }
    default:
      throw new UnstorableValue([place], 'is not a JSON value');
  }
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  let text = '{';
  for (const name of sortedNames(value)) {
    const member = value[name];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${writeText(name, name)}:${write(member, name, depth)}`;
  }
  return `${text}}`;
}

function sortedNames(value: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(value);
  for (let index = 1; index < names.length; index += 1) {
    // Most senders write the same few names in the same order; sorting is for those who need it. By UTF-16 units.
    if ((names[index - 1] ?? '') > (names[index] ?? '')) return names.toSorted((a, b) => (a < b ? -1 : 1));
  }
  return names;
}

function writeText(text: string, place: string | number): string {
  if (text.includes('\0'))
    throw new UnstorableValue([place], String.raw`has the character \u0000, which cannot be stored`);
  if (!text.isWellFormed()) throw new UnstorableValue([place], 'has half of a surrogate pair');
  return JSON.stringify(text);
}
