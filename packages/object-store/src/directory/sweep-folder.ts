import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../object-store-error.ts';
import { isOurs } from './entry-name.ts';
import { removeIfThere } from './put-file.ts';
import { readFolder } from './walk.ts';

/**
 * Removes contents that no key points to and forgotten temporary files, in a folder and those below it.
 * @param olderThan milliseconds since 1970: what is younger may belong to a writer at work
 * @returns how many files were removed
 */
export async function sweepFolder(folder: string, olderThan: number): Promise<number> {
  let removed = 0;
  // The hidden names are read before the links: a content that gets its link in between is then seen to have it.
  const entries = await readFolder(folder);
  const hidden = entries.filter((entry) => isOurs(entry.name)).map((entry) => entry.name);
  if (hidden.length > 0) {
    const used = await linkTargets(folder);
    for (const name of hidden) {
      const path = join(folder, name);
      if (!used.has(name) && (await isOlder(path, olderThan)) && (await removeIfThere(path))) removed += 1;
    }
  }
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.'))
      removed += await sweepFolder(join(folder, entry.name), olderThan);
  }
  return removed;
}

async function linkTargets(folder: string): Promise<Set<string>> {
  const targets = new Set<string>();
  for (const entry of await readFolder(folder)) {
    if (!entry.isSymbolicLink() || isOurs(entry.name)) continue;
    const target = await orGone(readlink(join(folder, entry.name)));
    if (target !== undefined) targets.add(target);
  }
  return targets;
}

async function isOlder(path: string, than: number): Promise<boolean> {
  const stat = await orGone(lstat(path));
  return stat !== undefined && stat.mtimeMs < than;
}

async function orGone<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
