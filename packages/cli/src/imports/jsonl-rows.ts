import { CommandError, EXIT } from '../exit-codes.ts';
import type { SourceRow } from './source-row.ts';

/** Longest line in characters: a file without line ends would be one. */
const LINE_SIZE = 8 * 1024 * 1024;

/**
 * Objects of JSON lines; empty lines are passed over.
 * @param path for messages
 * @throws CommandError when a line is longer than 8 Mi characters
 */
export async function* jsonlRows(text: AsyncIterable<string>, path: string): AsyncGenerator<SourceRow> {
  let line = 0;
  for await (const content of lines(text, path)) {
    line += 1;
    if (content.trim() !== '') yield rowOf(content, line);
  }
}

async function* lines(text: AsyncIterable<string>, path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of text) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > LINE_SIZE) {
      throw new CommandError(EXIT.usage, `${path}: has a line of more than 8 MiB; is it JSON lines?`);
    }
  }
  yield rest;
}

function rowOf(content: string, line: number): SourceRow {
  let values: unknown;
  try {
    values = JSON.parse(content);
  } catch {
    return { readable: false, line, values: content, reason: 'is no JSON' };
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    return { readable: false, line, values, reason: 'is no object' };
  }
  return { readable: true, line, values: values as Record<string, unknown> };
}
