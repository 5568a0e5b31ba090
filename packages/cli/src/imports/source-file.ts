import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { explainedRead, readText } from './read-text.ts';
import type { RowMapper } from './row-mapper.ts';
import type { SourceRow } from './source-row.ts';

/** What a file is written in, and what its rows mean. */
export interface SourceFormat {
  rows: (text: AsyncIterable<string>, path: string) => AsyncIterable<SourceRow>;
  map: RowMapper;
}

/** A file of history as it is on the disk. */
export interface SourceFile {
  path: string;
  /** For people. */
  name: string;
  bytes: number;
  /** SHA-256 in hexadecimal digits. */
  digest: string;
}

/** @throws CommandError when it cannot be read */
export async function findSource(path: string): Promise<SourceFile> {
  try {
    const { size } = await stat(path);
    return { path, name: basename(path), bytes: size, digest: await digestOf(path) };
  } catch (error) {
    throw explainedRead(path, error);
  }
}

/** SHA-256 of a file in hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/**
 * The rows of a file, one after the other, until it ends or is broken off.
 * @param onShare told how much of the file is read, in [0, 1]
 */
export async function* readRows(
  { path, bytes }: Pick<SourceFile, 'path' | 'bytes'>,
  rows: SourceFormat['rows'],
  { signal, onShare }: { signal: AbortSignal; onShare?: (share: number) => void },
): AsyncGenerator<SourceRow> {
  let read = 0;
  const text = readText(path, (piece) => {
    read += piece.length;
    onShare?.(read / Math.max(1, bytes));
  });
  for await (const row of rows(text, path)) {
    if (signal.aborted) return;
    yield row;
  }
}
