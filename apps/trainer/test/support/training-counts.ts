import type { TrainingObserver } from '../../src/training/training-observer.ts';

/** What was counted of training. */
export function createCounts() {
  const counts = {
    final: 0,
    provisional: 0,
    replayed: 0,
    refused: [] as string[],
    written: 0,
    damaged: 0,
    failed: 0,
    removed: 0,
    objects: 0,
    holds: 0,
  };
  const observe: TrainingObserver = {
    learned: ({ value }) => (counts[value] += 1),
    replayed: (decisions) => (counts.replayed += decisions),
    refused: (reason) => counts.refused.push(reason),
    checkpointWritten: () => (counts.written += 1),
    checkpointRefused: () => (counts.damaged += 1),
    checkpointsRemoved({ checkpoints, objects }) {
      counts.removed += checkpoints;
      counts.objects += objects;
    },
    failed: () => (counts.failed += 1),
    holds: (versions) => (counts.holds = versions),
  };
  return { counts, observe };
}
