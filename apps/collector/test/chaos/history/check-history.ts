import { answersAddUp } from './answers-add-up.ts';
import { asBefore } from './as-before.ts';
import type { History } from './history.ts';
import { rejectedKept } from './rejected-kept.ts';
import { resentToAnEnd } from './resent-to-an-end.ts';
import type { Snapshot } from './snapshot.ts';
import { storedAsTold } from './stored-as-told.ts';
import { storedOnce } from './stored-once.ts';
import { toldOf } from './told.ts';
import type { Violation } from './violation.ts';

/**
 * Compares what clients sent and were told with what the tables hold. Pure: the same history and tables give the same
 * violations, none when every promise of the event path was kept.
 */
export function checkHistory(history: History, snapshot: Snapshot): Violation[] {
  const told = toldOf(history);
  const { added, violations } = asBefore(history.before, snapshot);
  return [
    ...violations,
    ...answersAddUp(told),
    ...storedAsTold(told, added),
    ...storedOnce(told, added),
    ...rejectedKept(told, added),
    ...resentToAnEnd(told),
  ];
}
