import { type FileHandle, open } from 'node:fs/promises';
import { CommandError, EXIT } from '../exit-codes.ts';

/** A row that was not stored, and why. */
export interface Refusal {
  file: string;
  line: number;
  reason: string;
  /** The row as it was read. */
  row: unknown;
}

/** Rows that were refused: all of them in a file where one is wanted, the first few in memory. */
export interface Refusals {
  add: (refusal: Refusal) => Promise<void>;
  readonly first: readonly Refusal[];
  close: () => Promise<void>;
}

/** How many are kept to be shown. */
const SHOWN = 5;

/**
 * @param path where all of them are written, as JSON lines; what was there is replaced
 * @throws CommandError when nothing can be written there
 */
export async function openRefusals(path: string | undefined): Promise<Refusals> {
  const file = path === undefined ? undefined : await openFile(path);
  const first: Refusal[] = [];
  // One after the other: batches come back in any order, and two writes at once could mix.
  let written: Promise<unknown> = Promise.resolve();
  return {
    first,
    add(refusal) {
      if (first.length < SHOWN) first.push(refusal);
      const write = written.then(() => file?.appendFile(`${JSON.stringify(refusal)}\n`));
      written = write;
      return write;
    },
    async close() {
      await written;
      await file?.close();
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(EXIT.usage, `--rejects ${path} cannot be written: ${reason}.`, { cause });
  }
}
