import type { FileMistake } from './policy-text.ts';

const MOST_SHOWN = 50;
const WIDEST = 120;

/** Mistakes for a person: place, what is wrong, and the line with a mark below it. */
export function showMistakes(mistakes: readonly FileMistake[]): string {
  const shown = mistakes.slice(0, MOST_SHOWN).map(({ path, line, column, message, text }) => {
    const heading = `${path}:${line}:${column}: ${message}`;
    if (text.trim() === '') return heading;
    const from = column <= WIDEST ? 0 : column - WIDEST / 2;
    const number = String(line).padStart(5);
    const excerpt = text.slice(from, from + WIDEST).replaceAll('\t', ' ');
    return `${heading}\n${number} | ${excerpt}\n      | ${' '.repeat(column - 1 - from)}^`;
  });
  const more = mistakes.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
