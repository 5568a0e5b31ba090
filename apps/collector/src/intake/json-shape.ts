const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What a text may have before it is parsed. */
export interface ShapeLimits {
  /** Levels of objects and lists. */
  levels: number;
  /** Objects and lists in all: an empty one is two bytes of text and a hundred in memory. */
  nodes: number;
}

/** What a text has: its objects and lists, or the limit that it goes beyond. */
export type Shape = { ok: true; nodes: number } | { ok: false; beyond: keyof ShapeLimits };

/**
 * Whether JSON text would be parsed into more than a reader can bear: what reads the value calls itself for each level,
 * and small objects fill the memory. Asked of the text, in one pass. Text that is not JSON gets some answer, which
 * holds as far as a parser would come.
 */
export function shapeOf(text: string, { levels, nodes }: ShapeLimits): Shape {
  let [depth, opened] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfText(text, index);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth += 1;
        opened += 1;
        if (depth > levels) return { ok: false, beyond: 'levels' };
        if (opened > nodes) return { ok: false, beyond: 'nodes' };
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth -= 1;
        break;
      default:
    }
  }
  return { ok: true, nodes: opened };
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
