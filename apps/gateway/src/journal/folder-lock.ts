import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY: another process holds the lock. */
const BUSY = 5;

/**
 * Makes sure that one process at a time works in a folder. The lock is the kernel's, on a file that SQLite keeps locked:
 * it ends with its process, however that ends, and holds between containers, whose process ids say nothing.
 * @returns a function that gives the folder free
 * @throws Error saying what to do when another process has it
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== BUSY) throw error;
    throw new Error(
      `another gateway works in ${folder}: each needs a STATE_DIR of its own. Stop that one, or set STATE_DIR.`,
      { cause: error },
    );
  }
  return () => lock.close();
}
