import type { Database } from '@rlaas/database';
import { type CheckpointPins, createCheckpointPins } from './checkpoint-pins.ts';
import { type PolicyReader, createPolicyReader } from './policy-reader.ts';
import { type PolicyWriter, createPolicyWriter } from './policy-writer.ts';
import { type VersionStatusMoves, createVersionStatusMoves } from './version-status.ts';

/** All that is done with policies and their versions. */
export interface Policies {
  reader: PolicyReader;
  writer: PolicyWriter;
  moves: VersionStatusMoves;
  pins: CheckpointPins;
}

export function createPolicies(options: { database: Database; now: () => number }): Policies {
  return {
    reader: createPolicyReader(options.database),
    writer: createPolicyWriter(options),
    moves: createVersionStatusMoves(options),
    pins: createCheckpointPins(options),
  };
}
