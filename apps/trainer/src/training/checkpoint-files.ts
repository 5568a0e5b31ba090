import { createHash } from 'node:crypto';
import {
  CheckpointError,
  type CheckpointMetadata,
  type PolicyState,
  decodeState,
  encodeModel,
  encodeResume,
} from '@rlaas/learning';
import { ObjectCorrupt, type ObjectStore } from '@rlaas/object-store';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { VersionKey } from '../store/version-key.ts';

/** One of the two files of a checkpoint, as it is stored. */
export interface CheckpointFile {
  key: string;
  /** Of the content, 64 hexadecimal digits. */
  sha256: string;
  bytes: number;
}

/** Where the files of a version's checkpoints are. */
export function checkpointFolder({ tenant_id: tenantId, policy, version }: VersionKey): string {
  return `checkpoints/v1/tenant=${tenantId}/${policy}/${version}/`;
}

/** The position of the checkpoint that a file in a version's folder belongs to; `undefined`: it is something else. */
export function positionOfKey(folder: string, key: string): number | undefined {
  const [, digits] = /^(\d{12,15})-/.exec(key.slice(folder.length)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The two files of a checkpoint before they are stored. */
export interface EncodedCheckpoint {
  model: EncodedFile;
  resume: EncodedFile;
}

interface EncodedFile {
  content: Uint8Array;
  /** 64 hexadecimal digits. */
  sha256: string;
}

/** The same state gives the same files. */
export function encodeCheckpoint(
  state: PolicyState,
  configuration: VersionConfiguration,
  metadata: CheckpointMetadata,
): EncodedCheckpoint {
  const file = (content: Uint8Array): EncodedFile => ({
    content,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  return {
    model: file(encodeModel(state, configuration, metadata)),
    resume: file(encodeResume(state, configuration, metadata)),
  };
}

/**
 * Stores both files of a checkpoint. The content is in their names, so what a killed trainer left there is the same.
 * @param again also when they are there: one of them is damaged
 */
export async function storeCheckpoint(
  store: Pick<ObjectStore, 'put'>,
  key: VersionKey,
  position: number,
  files: EncodedCheckpoint,
  again = false,
): Promise<{ model: CheckpointFile; resume: CheckpointFile }> {
  const put = async (part: keyof EncodedCheckpoint): Promise<CheckpointFile> => {
    const { content, sha256 } = files[part];
    const name = `${String(position).padStart(12, '0')}-${sha256.slice(0, 16)}.${part}.safetensors`;
    const object = `${checkpointFolder(key)}${name}`;
    await store.put(object, content, { ifAbsent: !again, sha256 });
    return { key: object, sha256, bytes: content.length };
  };
  const resume = await put('resume');
  return { resume, model: await put('model') };
}

/** A checkpoint to learn on from, or why it cannot be used. */
export type LoadedCheckpoint = { state: PolicyState; position: number } | { refused: Error };

/**
 * Reads a checkpoint. One that is damaged or gone is refused with the reason: what it held is in the training log, too.
 * @throws ObjectStoreError when the store does not answer: that says nothing of the checkpoint
 */
export async function loadCheckpoint(
  store: Pick<ObjectStore, 'get'>,
  keys: { model: string; resume: string },
  configuration: VersionConfiguration,
): Promise<LoadedCheckpoint> {
  try {
    const [model, resume] = [await read(store, keys.model), await read(store, keys.resume)];
    const { state, metadata } = decodeState(model, resume, configuration);
    return { state, position: metadata.position };
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof ObjectCorrupt) return { refused: error };
    throw error;
  }
}

async function read(store: Pick<ObjectStore, 'get'>, key: string): Promise<Buffer> {
  const object = await store.get(key);
  if (!object) throw new CheckpointError(`there is no object ${key}`);
  const chunks: Buffer[] = [];
  for await (const chunk of object.body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
