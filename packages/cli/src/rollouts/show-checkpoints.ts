import type { Checkpoint } from '@rlaas/schemas';
import { table } from '../table.ts';

/** Checkpoints as lines of a table. @param pinned number of the one that decides; null: the newest does */
export function listCheckpoints(checkpoints: readonly Checkpoint[], pinned: number | null): string {
  const deciding = pinned ?? checkpoints[0]?.number;
  return table(
    ['checkpoint', 'decisions learned', 'made', ''],
    checkpoints.map(({ number, decisions, created_at: made, kept }) => [
      String(number),
      decisions === null ? 'not known' : decisions.toLocaleString('en'),
      made,
      [number === deciding ? (pinned === null ? 'decides' : 'decides, held') : '', kept ? 'kept' : '']
        .filter((word) => word !== '')
        .join(', '),
    ]),
  );
}
