import type { Transaction } from '@rlaas/database';
import { type StartTrainingRun, type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import { findTrainableVersion } from '../store/training-runs.ts';

/** Why a training run cannot be. */
export interface RunRefusal {
  code: 'not_found' | 'conflict';
  /** A sentence for whoever asked. */
  message: string;
}

/** The configuration of a version that a training run may teach, or why it may not. */
export async function examineVersion(
  tx: Transaction,
  tenantId: string,
  wanted: StartTrainingRun,
): Promise<{ configuration: VersionConfiguration } | { refusal: RunRefusal }> {
  const name = `"${wanted.version}"`;
  const found = await findTrainableVersion(tx, tenantId, wanted);
  if (!found) return refuse('not_found', `Policy "${wanted.policy}" has no version ${name}.`);
  if (found.status !== 'draft') {
    return refuse(
      'conflict',
      `Version ${name} is ${found.status}; a training run gives a draft its first checkpoint. Make a version with another name.`,
    );
  }
  if (found.learned) {
    return refuse('conflict', `Version ${name} has learned already. Make a version with another name.`);
  }
  return { configuration: versionConfigurationSchema.parse(found.configuration) };
}

/** The refusal of a period from which nothing can be learned. */
export function emptyPeriod({ policy, from, to }: StartTrainingRun): RunRefusal {
  return {
    code: 'conflict',
    message: `No decision that policy "${policy}" made from ${from} to ${to} has a final reward that could be learned from.`,
  };
}

function refuse(code: RunRefusal['code'], message: string): { refusal: RunRefusal } {
  return { refusal: { code, message } };
}
