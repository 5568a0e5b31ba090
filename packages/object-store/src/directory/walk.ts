import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../object-store-error.ts';

/**
 * The keys in a folder in the order of their bytes, reading only folders that can hold one that begins with `prefix`
 * and lies behind `after`.
 * @param folder the folder's place in the keys: empty for the root, else ending in a slash
 */
export async function* walkKeys(
  root: string,
  folder: string,
  range: { prefix: string; after: string },
): AsyncGenerator<string, void, undefined> {
  const names = (await readFolder(join(root, folder)))
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    // A folder stands for keys that continue with a slash, and "-" comes before "/": sort as the keys will be.
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .toSorted(byBytes);
  for (const name of names) {
    if (name.endsWith('/')) {
      const mayMatch = name.startsWith(range.prefix) || range.prefix.startsWith(name);
      const mayFollow = name > range.after || range.after.startsWith(name);
      if (mayMatch && mayFollow) yield* walkKeys(root, name, range);
    } else if (name.startsWith(range.prefix) && name > range.after) {
      yield name;
    }
  }
}

/** What lies in a folder; nothing when it was removed meanwhile. */
export async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Keys are ASCII, where the order of strings is the order of bytes. */
function byBytes(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
