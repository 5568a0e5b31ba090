import type { Checkpoint, PolicyVersion } from '@rlaas/schemas';
import { table } from '../table.ts';

/** What a version does with one of its checkpoints. */
const USES = { active: 'decides', canary: 'decides', shadow: 'scores' } as const;

/** Checkpoints of a version as lines of a table, the newest first: that one is used, or the one that it is held to. */
export function listCheckpoints(
  checkpoints: readonly Checkpoint[],
  { status, pinned_checkpoint: pinned }: PolicyVersion,
): string {
  const used = pinned ?? checkpoints[0]?.number;
  const use = status === 'active' || status === 'canary' || status === 'shadow' ? USES[status] : '';
  return table(
    ['checkpoint', 'decisions learned', 'made', ''],
    checkpoints.map(({ number, decisions, created_at: made, kept }) => [
      String(number),
      decisions === null ? 'not known' : decisions.toLocaleString('en'),
      made,
      [number === used ? use : '', number === pinned ? 'held' : '', kept ? 'kept' : '']
        .filter((word) => word !== '')
        .join(', '),
    ]),
  );
}
