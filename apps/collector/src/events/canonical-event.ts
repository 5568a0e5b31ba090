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
 * @throws UnstorableValue for half of a surrogate pair, \u0000, an integer beyond 2^53, a number that is infinite, too
 *   many levels
 */
export function canonicalEvent(event: Readonly<Record<string, unknown>>): CanonicalEvent {
  let [from, to] = [0, 0];
  let text = '{';
  for (const name of sortedNames(event)) {
    const value = event[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += writeName(name);
    if (name === 'data') from = text.length;
    text += write(value, name, 1);
    if (name === 'data') to = text.length;
  }
  text += '}';
  // A part of the text and no copy of it.
  return { text, data: to === 0 ? '{}' : text.slice(from, to) };
}

/**
 * Written by hand rather than by `JSON.stringify` over sorted copies: it is the largest part of what an event costs here.
 * Names and places are put in front while an error travels up, so that nothing is kept for events that are well.
 */
function write(value: unknown, place: string | number, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeText(value, place);
    case 'number':
      // JSON.parse reads 1e400 as infinite, and JSON.stringify would write it as null.
      if (!Number.isFinite(value)) throw new UnstorableValue([place], 'is beyond the range of numbers');
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
          ? writeList(value, depth + 1)
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

function writeList(list: readonly unknown[], depth: number): string {
  let text = '[';
  for (const [index, item] of list.entries()) {
    if (index > 0) text += ',';
    text += write(item, index, depth);
  }
  return `${text}]`;
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  let text = '{';
  for (const name of sortedNames(value)) {
    const member = value[name];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += writeName(name) + write(member, name, depth);
  }
  return `${text}}`;
}

function sortedNames(value: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(value);
  for (let index = 1; index < names.length; index += 1) {
    // By UTF-16 units, as `<` compares.
    if ((names[index - 1] ?? '') > (names[index] ?? '')) return names.toSorted((a, b) => (a < b ? -1 : 1));
  }
  return names;
}

/** Names come again and again: those that were written are remembered, as long as they are few and short. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 2_000;
const LONGEST_NAME = 64;

function writeName(name: string): string {
  const known = NAMES.get(name);
  if (known !== undefined) return known;
  if (name === '__proto__') {
    throw new UnstorableValue([name], 'is no name for a member: it means something else to JavaScript');
  }
  const text = `${writeText(name, name)}:`;
  if (NAMES.size < MOST_NAMES && name.length <= LONGEST_NAME) NAMES.set(name, text);
  return text;
}

/** Texts without anything that JSON escapes, and without anything that cannot be stored. */
const PLAIN = /^[ !#-[\]-~]*$/;

function writeText(text: string, place: string | number): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (text.includes('\0')) {
    throw new UnstorableValue([place], String.raw`has the character \u0000, which cannot be stored`);
  }
  if (!text.isWellFormed()) throw new UnstorableValue([place], 'has half of a surrogate pair');
  return JSON.stringify(text);
}
