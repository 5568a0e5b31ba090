import type { StoredSums } from '@rlaas/learning';
import type { LeftOutReason } from './logged-choice.ts';
import type { TargetSource } from './target-source.ts';

/** What one evaluation is begun with. */
export interface ThreadSetup {
  source: TargetSource;
  /** Least and largest reward. */
  range: [number, number];
}

/** A decision with its reward; `data` is a JSON text. */
export interface ChunkRow {
  id: string;
  data: string;
  imported: boolean;
  /** Another decision counts that was drawn from the same seed. */
  repeated: boolean;
  reward: number;
}

/** What a chunk of decisions says of the target. */
export interface ChunkEstimate {
  sums: StoredSums;
  /** Weight and reward, rescaled to [0, 1], of each decision that was used, in their order. */
  weighted: Float64Array;
  leftOut: Partial<Record<LeftOutReason, number>>;
  imported: number;
  /** Used decisions of which only the propensity is known. */
  partial: number;
}

/** What is asked of a thread, in the order in which it does it. */
export type ThreadRequest =
  | { kind: 'begin'; evaluation: number; setup: ThreadSetup }
  | { kind: 'learn'; evaluation: number; rows: ChunkRow[] }
  | { kind: 'estimate'; evaluation: number; rows: ChunkRow[] }
  /** Forgets what was learned. */
  | { kind: 'end'; evaluation: number }
  /** Ends the thread. */
  | { kind: 'close' };

/** The answer to the request of the same kind; the others have none. */
export type ThreadAnswer =
  | { kind: 'learn'; evaluation: number }
  | { kind: 'estimate'; evaluation: number; estimate: ChunkEstimate };
