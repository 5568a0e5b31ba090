import type { CheckpointMetadata } from '@rlaas/learning';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { TextRow } from '../store/training-runs.ts';
import type { EncodedCheckpoint } from '../training/checkpoint-files.ts';

/** A decision from which nothing can be learned. */
export interface UnusableDecision {
  id: string;
  reason: string;
}

/** What was learned in all. */
export interface Learned {
  files: EncodedCheckpoint;
  /** Decisions that were learned, each as often as there were passes. */
  decisions: number;
  /** Mean progressive loss of the first pass; null: nothing was predicted. */
  meanLoss: number | null;
}

/** What is asked of the thread, in the order in which it does it; a lesson is what one run learns. */
export type ThreadRequest =
  | { kind: 'begin'; lesson: number; configuration: VersionConfiguration }
  | { kind: 'learn'; lesson: number; rows: TextRow[]; firstPass: boolean }
  | { kind: 'finish'; lesson: number; metadata: CheckpointMetadata }
  /** Forgets what was learned. */
  | { kind: 'end'; lesson: number }
  /** Ends the thread. */
  | { kind: 'close' };

/** The answer to the request of the same kind; the others have none. */
export type ThreadAnswer =
  | { kind: 'learn'; lesson: number; unusable: UnusableDecision[] }
  | { kind: 'finish'; lesson: number; learned: Learned };
