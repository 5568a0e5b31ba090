import { type Stats, constants } from 'node:fs';
import { lstat, mkdir, open, realpath, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { orAborted } from '../aborted.ts';
import { checksumOf, verifying } from '../checksum.ts';
import { assertExpiry } from '../expiry.ts';
import { assertLimit } from '../list-limit.ts';
import { assertKey, assertPrefix } from '../object-key.ts';
import type {
  CheckResult,
  ListPage,
  ListedObject,
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from '../object-store.ts';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../object-store-error.ts';
import { diskError } from './disk-error.ts';
import { type ContentName, temporaryName } from './entry-name.ts';
import { readEntry, withContent } from './entry.ts';
import { isPlainFolder, removeEmptyFolders, syncFolder } from './folder.ts';
import { putFile, removeIfThere } from './put-file.ts';
import { sweepFolder } from './sweep-folder.ts';
import { walkKeys } from './walk.ts';

export interface DirectoryStoreOptions {
  /** Folder of the objects; made when it is missing. */
  root: string;
  /** Milliseconds since 1970. Default: the machine's clock. Files carry its time, so another is for tests. */
  now?: () => number;
}

const FOREIGN = new Set<ObjectStoreErrorCode>(['store_refused', 'key_conflict', 'object_foreign']);
/** A writer that takes longer than this for one object is taken for dead. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * Objects in a folder of a local disk, safe between processes, durable when a call returns. The file system must know
 * symbolic links and tell upper from lower case (else keys that differ in case alone are refused as `key_conflict`).
 */
export function directoryStore({ root: configuredRoot, now = Date.now }: DirectoryStoreOptions): ObjectStore {
  let prepared: Promise<string> | undefined;
  /** The root without links on its own way, so that every link below it is one too many. */
  const prepare = (): Promise<string> => {
    prepared ??= makeRoot(resolve(configuredRoot)).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };

  /** Runs a method with the place of its key and explains the errors of the file system. */
  async function at<T>(
    what: string,
    key: string,
    run: (root: string, path: string) => Promise<T>,
  ): Promise<T> {
    assertKey(key);
    return explained(`cannot ${what} ${key}`, async () => {
      const root = await prepare();
      return run(root, join(root, key));
    });
  }

  return {
    async put(key, body, options = {}) {
      return at('store', key, (root, path) => {
        const sha256 = checksumOf(body, options.sha256);
        return putFile({ root, key, path, body, sha256, ifAbsent: options.ifAbsent ?? false });
      });
    },
    async get(key) {
      return at('read', key, async (_root, path) => {
        if (!(await isPlainFolder(dirname(path)))) return undefined;
        return withContent(key, path, (file, content) => openObject(key, file, content));
      });
    },
    async head(key) {
      return at('look at', key, async (_root, path) => {
        if (!(await isPlainFolder(dirname(path)))) return undefined;
        return withContent(key, path, async (file, content) => describe(key, content, await lstat(file)));
      });
    },
    async list(prefix, options = {}) {
      assertPrefix(prefix);
      const limit = assertLimit(options.limit);
      return explained(`cannot list ${prefix}`, async () => {
        const root = await prepare();
        const range = { prefix, after: options.after ?? '' };
        return listPage(root, range, limit);
      });
    },
    async delete(key) {
      await at('delete', key, async (root, path) => {
        const folder = dirname(path);
        if (!(await isPlainFolder(folder))) return;
        const content = await readEntry(key, path);
        if (!content || !(await removeIfThere(path))) return;
        // First the name for good, then the content: a power cut must not leave a name without content.
        await syncFolder(folder);
        await removeIfThere(join(folder, content.name));
        await removeEmptyFolders(root, folder);
      });
    },
    async presign(key, { expiresInSeconds }) {
      assertKey(key);
      assertExpiry(expiresInSeconds);
      return undefined;
    },
    async check(signal) {
      return orAborted(checkWritable(configuredRoot, prepare), signal);
    },
    async sweep() {
      return explained('cannot sweep', async () => sweepFolder(await prepare(), now() - LEFTOVER_AGE_MS));
    },
  };
}

async function explained<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw diskError(error, what);
  }
}

async function makeRoot(root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o750 });
  return realpath(root);
}

async function openObject(key: string, file: string, content: ContentName): Promise<StoredObject> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const info = describe(key, content, await handle.stat());
  const explain = (error: unknown): Error => diskError(error, `cannot read ${key}`);
  return { ...info, body: verifying(handle.createReadStream(), info, explain) };
}

function describe(key: string, content: ContentName, stat: Stats): ObjectInfo {
  return { key, size: stat.size, sha256: content.sha256, lastModified: stat.mtime };
}

async function listPage(
  root: string,
  range: { prefix: string; after: string },
  limit: number,
): Promise<ListPage> {
  const objects: ListedObject[] = [];
  for await (const key of walkKeys(root, '', range)) {
    const last = objects.at(-1);
    if (last && objects.length === limit) return { objects, next: last.key };
    const stat = await withContent(key, join(root, key), (file) => lstat(file)).catch(undefinedIfForeign);
    if (stat) objects.push({ key, size: stat.size, lastModified: stat.mtime });
  }
  return { objects };
}

/** What others put into the folder is no object: it is not listed, and using its key says what is wrong. */
function undefinedIfForeign(error: unknown): undefined {
  if (error instanceof ObjectStoreError && FOREIGN.has(error.code)) return undefined;
  throw error;
}

async function checkWritable(folder: string, prepare: () => Promise<string>): Promise<CheckResult> {
  try {
    const probe = join(await prepare(), temporaryName('check'));
    const handle = await open(probe, 'wx');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await unlink(probe);
    return { ok: true };
  } catch (error) {
    return { ok: false, message: diskError(error, `cannot write to ${folder}`).message };
  }
}
