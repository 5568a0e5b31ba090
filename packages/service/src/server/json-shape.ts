const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What a body may have before it is parsed. */
export interface ShapeLimits {
  /** Levels of objects and lists: what reads the value calls itself for each. */
  levels: number;
  /** Objects and lists in all: an empty one is two bytes of text and a hundred in memory. */
  nodes: number;
  /**
   * Names of members that differ: each is kept once, and the parser remembers every object by the names it has. In 8 MiB
   * there is room for so many that parsing them takes seconds and a gigabyte.
   */
  names: number;
}

/**
 * Whether JSON would be parsed into more than a reader can bear; asked of the text, in one pass over what is usual. Text
 * that is not JSON gets some answer, which holds as far as a parser would come.
 */
export class JsonShape {
  readonly #limits: ShapeLimits;
  readonly #names = new Set<string>();
  #nodes = 0;
  #members = 0;

  constructor(limits: ShapeLimits) {
    this.#limits = limits;
  }

  /** Adds a text to those before it. @returns the limit that is exceeded with it */
  add(text: string): keyof ShapeLimits | undefined {
    const { levels, nodes, names } = this.#limits;
    let depth = 0;
    for (let index = 0; index < text.length; index += 1) {
      switch (text.charCodeAt(index)) {
        case QUOTE:
          index = endOfText(text, index);
          break;
        case COLON:
          this.#members += 1;
          break;
        case OPEN_BRACKET:
        case OPEN_BRACE:
          depth += 1;
          this.#nodes += 1;
          if (depth > levels) return 'levels';
          if (this.#nodes > nodes) return 'nodes';
          break;
        case CLOSE_BRACKET:
        case CLOSE_BRACE:
          depth -= 1;
          break;
        default:
      }
    }
    // So few members cannot have too many names. With more they are looked at, from this text on.
    return this.#members > names && this.#hasTooManyNames(text) ? 'names' : undefined;
  }

  #hasTooManyNames(text: string): boolean {
    let [start, end] = [0, 0];
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE) {
        start = index + 1;
        index = endOfText(text, index);
        end = index;
      } else if (unit === COLON) {
        this.#names.add(text.slice(start, end));
        if (this.#names.size > this.#limits.names) return true;
      }
    }
    return false;
  }
}

/** Index of the quote that ends the text which begins at `start`; the end of all when there is none. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (index - before) % 2 === 0;
}
