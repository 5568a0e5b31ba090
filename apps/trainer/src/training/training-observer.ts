import type { RefusalReason } from './decision-learner.ts';

/** Who counts what training does. */
export interface TrainingObserver {
  /** @param lagMs from when its reward could be learned from */
  learned: (decision: { value: 'final' | 'provisional'; lagMs: number }) => void;
  /** Learned again from the training log, after a start or when another trainer had learned. */
  replayed: (decisions: number) => void;
  refused: (reason: RefusalReason) => void;
  checkpointWritten: (checkpoint: { bytes: number }) => void;
  /** The newest checkpoint of a version could not be used. */
  checkpointRefused: () => void;
  checkpointsRemoved: (removed: { checkpoints: number; objects: number }) => void;
  /** A round of a version failed. */
  failed: () => void;
  /** How many versions this trainer holds. */
  holds: (versions: number) => void;
}
