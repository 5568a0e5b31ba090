import { open, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ObjectCorrupt, ObjectStoreError, codeOf } from '../object-store-error.ts';
import { type ContentName, keyHash, parseContentName } from './entry-name.ts';

/**
 * Reads which content a key has now; `undefined` when it has none.
 * @param path where the key's link lies
 * @throws ObjectStoreError `key_conflict`, `object_foreign` or `store_refused` when something else lies there
 */
export async function readEntry(key: string, path: string): Promise<ContentName | undefined> {
  let target;
  try {
    target = await readlink(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EINVAL') throw await otherThanLink(key, path);
    throw error;
  }
  const content = parseContentName(target);
  if (!content) {
    throw new ObjectStoreError(
      'store_refused',
      `${path} is a symbolic link that the object store did not make; remove it.`,
    );
  }
  if (content.keyHash !== keyHash(key)) {
    throw new ObjectStoreError(
      'key_conflict',
      `${path} holds an object of another name: it was moved by hand, or the file system does not tell upper from lower case.`,
    );
  }
  return content;
}

/**
 * Uses the content of a key; `undefined` when it has none.
 * @param use gets the path of the content and fails with ENOENT when that is gone
 * @throws ObjectCorrupt when the link is there but the content is not
 */
export async function withContent<T>(
  key: string,
  path: string,
  use: (file: string, content: ContentName) => Promise<T>,
): Promise<T | undefined> {
  let missing: string | undefined;
  for (;;) {
    const content = await readEntry(key, path);
    if (!content) return undefined;
    try {
      return await use(join(dirname(path), content.name), content);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // A writer may have replaced the content between the two looks. The same name twice is a loss.
      if (missing === content.name) throw new ObjectCorrupt(key, 'its content is gone', { cause: error });
      missing = content.name;
    }
  }
}

async function otherThanLink(key: string, path: string): Promise<ObjectStoreError> {
  const handle = await open(path, 'r');
  try {
    const isFolder = (await handle.stat()).isDirectory();
    return isFolder
      ? new ObjectStoreError('key_conflict', `${key} is the folder of other objects, so it cannot be one.`)
      : new ObjectStoreError('object_foreign', `${path} was not written by the object store; remove it.`);
  } finally {
    await handle.close();
  }
}
