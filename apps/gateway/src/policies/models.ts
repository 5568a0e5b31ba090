import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type PolicyModel, createLinearPolicy, decodeModel, emptyPolicyState } from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import type { ServedRow } from '../store/served-policies.ts';
import type { ServedVersion } from './served-policy.ts';

/** Where a version's artefact is. */
export type Artefact = Pick<
  ServedRow,
  'policy' | 'version' | 'version_configuration' | 'checkpoint' | 'object_key' | 'sha256'
>;

/** Loads what versions score with, from the object store, and keeps copies for when that is away. */
export interface Models {
  /** @throws when the artefact is not the one that was registered, cannot be read, or cannot be had now */
  build: (artefact: Artefact) => Promise<ServedVersion>;
  /** Removes the copies that are not needed, as it is when their turn comes. */
  keepOnly: (isNeeded: (sha256: string) => boolean) => Promise<void>;
}

const FILE = /^([0-9a-f]{64})\.safetensors$/;

/**
 * @param folder for the copies, of this gateway alone
 * @param onUncopied a copy could not be written; it is served all the same
 */
export function createModels(
  folder: string,
  store: Pick<ObjectStore, 'get'>,
  onUncopied: (path: string, error: unknown) => void,
): Models {
  /** Files that are being written. */
  const own = new Set<string>();

  async function bytesOf(key: string, sha256: string): Promise<Buffer> {
    const path = join(folder, `${sha256}.safetensors`);
    const copy = await readCopy(path);
    if (copy && digest(copy) === sha256) return copy;
    const fetched = await fetchObject(key, sha256);
    try {
      await writeCopy(path, fetched);
    } catch (error) {
      onUncopied(path, error);
    }
    return fetched;
  }

  async function writeCopy(path: string, bytes: Buffer): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A name of its own: the same artefact may be fetched twice at a time.
    const next = `${path}.${randomUUID()}.next`;
    own.add(basename(next));
    try {
      await writeFile(next, bytes, { mode: 0o600, flush: true });
      await rename(next, path);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    } finally {
      own.delete(basename(next));
    }
  }

  async function fetchObject(key: string, sha256: string): Promise<Buffer> {
    const object = await store.get(key);
    if (!object) throw new Error(`there is no object ${key}`);
    const chunks: Buffer[] = [];
    for await (const chunk of object.body) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (digest(bytes) !== sha256) throw new Error(`object ${key} is not the one that was registered`);
    return bytes;
  }

  async function modelOf(artefact: Artefact, configuration: VersionConfiguration): Promise<PolicyModel> {
    const { object_key: key, sha256 } = artefact;
    if (key === null || sha256 === null) return emptyPolicyState(configuration);
    const { model, metadata } = decodeModel(await bytesOf(key, sha256), configuration);
    if (metadata.policy !== artefact.policy || metadata.version !== artefact.version) {
      throw new Error(`object ${key} is a checkpoint of ${metadata.policy}/${metadata.version}`);
    }
    return model;
  }

  return {
    async build(artefact) {
      const configuration = versionConfigurationSchema.parse(artefact.version_configuration);
      return {
        version: artefact.version ?? '',
        policy: createLinearPolicy(configuration),
        model: await modelOf(artefact, configuration),
        checkpoint: artefact.checkpoint,
      };
    },
    async keepOnly(isNeeded) {
      for (const name of await filesIn(folder)) {
        const sha256 = FILE.exec(name)?.[1];
        const isLeftOver = name.endsWith('.next') && !own.has(name);
        if (isLeftOver || (sha256 !== undefined && !isNeeded(sha256)))
          await rm(join(folder, name), { force: true });
      }
    },
  };
}

async function readCopy(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
