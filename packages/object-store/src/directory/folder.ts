import { lstat, mkdir, open, realpath, rmdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ObjectStoreError, codeOf } from '../object-store-error.ts';

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder below the root, each level durable before the next one.
 * @throws ObjectStoreError `store_refused` when a level is a symbolic link, `key_conflict` when it is an object
 */
export async function ensureFolder(root: string, folder: string): Promise<void> {
  if (await isPlainFolder(folder)) return;
  let level = root;
  for (const name of relative(root, folder).split('/')) {
    const parent = level;
    level = join(parent, name);
    try {
      await mkdir(level);
      await syncFolder(parent);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const found = await lstat(level);
      if (found.isSymbolicLink() && (await isFolderBehind(level))) throw linkRefused(level);
      if (!found.isDirectory()) {
        throw new ObjectStoreError(
          'key_conflict',
          `${relative(root, level)} is an object, so no key can continue behind it.`,
        );
      }
    }
  }
}

/**
 * Whether the folder exists.
 * @throws ObjectStoreError `store_refused` when the way to it leads through a symbolic link
 */
export async function isPlainFolder(folder: string): Promise<boolean> {
  try {
    const real = await realpath(folder);
    if (real !== folder && (await lstat(real)).isDirectory()) throw linkRefused(folder);
    return real === folder;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Removes a folder and those above it as long as they are empty; the root stays. */
export async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let level = folder; level !== root; level = dirname(level)) {
    try {
      await rmdir(level);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      // Somebody else removed it at the same moment.
      if (code !== 'ENOENT') throw error;
    }
  }
}

async function isFolderBehind(link: string): Promise<boolean> {
  try {
    return (await lstat(await realpath(link))).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function linkRefused(path: string): ObjectStoreError {
  return new ObjectStoreError(
    'store_refused',
    `${path} leads through a symbolic link. The folders of the object store must be real ones: replace the link.`,
  );
}
