import { open, rename, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PutResult } from '../object-store.ts';
import { ObjectStoreError, codeOf } from '../object-store-error.ts';
import { contentName, temporaryName } from './entry-name.ts';
import { readEntry } from './entry.ts';
import { ensureFolder, syncFolder } from './folder.ts';

interface PutFile {
  root: string;
  key: string;
  path: string;
  body: Uint8Array;
  sha256: string;
  ifAbsent: boolean;
}

/** Lost races in a row that mean something else is wrong. */
const MAX_RACES = 100;

/**
 * Stores a body: content first, synced; then the link, in one step; then the folder, synced. A process that dies in
 * between leaves a hidden file and nothing else.
 */
export async function putFile(put: PutFile): Promise<PutResult> {
  for (let race = 0; race < MAX_RACES; race += 1) {
    const result = await tryPut(put);
    if (result) return result;
  }
  throw new ObjectStoreError(
    'store_unavailable',
    `Folders vanish while ${put.key} is being stored. Was the folder of the object store removed?`,
  );
}

/** @returns `undefined` when another process undid a step that the next one needs: begin again */
async function tryPut(put: PutFile): Promise<PutResult | undefined> {
  const folder = dirname(put.path);
  try {
    await ensureFolder(put.root, folder);
    const before = await readEntry(put.key, put.path);
    if (before && put.ifAbsent) return await found(folder, before.sha256);
    const name = contentName(put.key, put.sha256);
    const content = join(folder, name);
    await writeContent(content, put.body);
    try {
      if (!put.ifAbsent) {
        await replaceLink(folder, put.path, name);
      } else if (!(await makeLink(put.path, name))) {
        await unlink(content);
        const winner = await readEntry(put.key, put.path);
        return winner && (await found(folder, winner.sha256));
      }
    } catch (error) {
      await removeIfThere(content);
      throw error;
    }
    await syncFolder(folder);
    if (before) await removeIfThere(join(folder, before.name));
    return { status: 'stored', sha256: put.sha256 };
  } catch (error) {
    // `delete` removes folders that became empty, so one can vanish under our hands.
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whoever is told that the object exists may rely on it as if he had stored it: also after a power cut. */
async function found(folder: string, sha256: string): Promise<PutResult> {
  await syncFolder(folder);
  return { status: 'exists', sha256 };
}

async function writeContent(path: string, body: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o640);
  try {
    await handle.writeFile(body);
    await handle.sync();
  } catch (error) {
    await removeIfThere(path);
    throw error;
  } finally {
    await handle.close();
  }
}

/** symlink(2) fails where the name is taken, so of all processes exactly one makes the link. */
async function makeLink(path: string, target: string): Promise<boolean> {
  try {
    await symlink(target, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function replaceLink(folder: string, path: string, target: string): Promise<void> {
  const temporary = join(folder, temporaryName('link'));
  await symlink(target, temporary);
  try {
    await rename(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    if (codeOf(error) !== 'EISDIR') throw error;
    throw new ObjectStoreError('key_conflict', `${path} became the folder of other objects.`, {
      cause: error,
    });
  }
}

/** Removes a file that another process may have removed already. */
export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
