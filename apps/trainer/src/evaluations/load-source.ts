import { JobRefused } from '@rlaas/database';
import { CheckpointError, decodeModel, emptyPolicyState } from '@rlaas/learning';
import { ObjectCorrupt, type ObjectStore } from '@rlaas/object-store';
import type { ExaminedTarget, VersionToScore } from './examine-target.ts';
import type { TargetSource } from './target-source.ts';

/**
 * What threads need of a target; of a version, what its checkpoint learned.
 * @throws JobRefused when the checkpoint is damaged or was removed
 */
export async function loadSource(
  store: Pick<ObjectStore, 'get'>,
  source: ExaminedTarget['source'],
): Promise<TargetSource> {
  if (source.kind !== 'version') return source;
  const { configuration, checkpoint } = source;
  if (!checkpoint) return { kind: 'version', configuration, model: emptyPolicyState(configuration) };
  try {
    const { model } = decodeModel(await read(store, source, checkpoint.key), configuration);
    return { kind: 'version', configuration, model };
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof ObjectCorrupt) {
      throw new JobRefused('conflict', `${nameOf(source)} is damaged: ${error.message}.`);
    }
    throw error;
  }
}

async function read(store: Pick<ObjectStore, 'get'>, source: VersionToScore, key: string): Promise<Buffer> {
  const object = await store.get(key);
  if (!object) throw new JobRefused('conflict', `${nameOf(source)} was removed.`);
  const chunks: Buffer[] = [];
  for await (const chunk of object.body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function nameOf({ version, checkpoint }: VersionToScore): string {
  return `Checkpoint ${checkpoint?.number} of version "${version}"`;
}
