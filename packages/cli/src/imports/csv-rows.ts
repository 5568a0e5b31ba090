import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { SourceRow } from './source-row.ts';

/** Longest row in characters: with a wrong delimiter or a forgotten quote the rest of a file would be one. */
const ROW_SIZE = 4 * 1024 * 1024;

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

export interface CsvOptions {
  /** For messages. */
  path: string;
  delimiter: string;
  /** Columns that must be there. */
  required: readonly string[];
}

/**
 * Rows of CSV (RFC 4180) whose first row names the columns.
 * @throws CommandError when a required column is missing, or quotes are such that rows cannot be told apart
 */
export async function* csvRows(text: AsyncIterable<string>, options: CsvOptions): AsyncGenerator<SourceRow> {
  const parser = parse({
    delimiter: options.delimiter,
    info: true,
    // All that end lines today, also mixed in one file: it goes by the first line else.
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_SIZE,
  });
  let header: string[] | undefined;
  try {
    // Whoever reads the last stream is told of every failure; the callback has nothing to add.
    for await (const piece of pipeline(text, parser, () => undefined)) {
      const { record, info } = piece as CsvRecord;
      if (header === undefined) {
        header = record;
        checkHeader(header, options);
      } else {
        yield rowOf(header, record, info.lines);
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandError(EXIT.failed, `${options.path}: is no CSV: ${error.message}`, { cause: error });
  }
  if (header === undefined) throw new CommandError(EXIT.usage, `${options.path}: is empty.`);
}

function checkHeader(header: readonly string[], { path, required }: CsvOptions): void {
  const missing = required.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const said = missing.map((name) => `"${name}"`).join(', ');
    throw new CommandError(
      EXIT.usage,
      `${path}: has no column ${said}. Its columns: ${header.slice(0, 30).join(', ')}${header.length > 30 ? ', …' : ''}.`,
    );
  }
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice !== undefined) throw new CommandError(EXIT.usage, `${path}: has two columns "${twice}".`);
}

function rowOf(header: readonly string[], record: readonly string[], line: number): SourceRow {
  if (record.length !== header.length) {
    const reason = `has ${record.length} ${record.length === 1 ? 'field' : 'fields'}, the first row has ${header.length}`;
    return { readable: false, line, values: record, reason };
  }
  return {
    readable: true,
    line,
    values: Object.fromEntries(header.map((name, index) => [name, record[index]])),
  };
}
