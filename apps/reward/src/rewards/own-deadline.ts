import type { DecisionRow } from '../store/decisions.ts';
import { type Gap, deadlineOf, pushOf } from './deadline.ts';

/** When the reward of a decision closes by itself, and by how much that was put off. */
export interface OwnDeadline {
  /** Milliseconds since 1970; infinite as long as its import is open. */
  deadline: number;
  pushedMs: number;
}

/** @param gaps merged, at least those since the decision */
export function ownDeadline(
  window: { afterMs: number; graceMs: number },
  row: Pick<DecisionRow, 'occurredAt' | 'receivedAt' | 'importId' | 'completedAt'>,
  gaps: readonly Gap[],
): OwnDeadline {
  // The whole of an import comes when it is completed, and no gap lies between a decision of it and its events.
  if (row.importId !== null) {
    const deadline =
      row.completedAt === null
        ? Number.POSITIVE_INFINITY
        : deadlineOf(window, row.occurredAt, Math.max(row.receivedAt, row.completedAt));
    return { deadline, pushedMs: 0 };
  }
  const base = deadlineOf(window, row.occurredAt, row.receivedAt);
  const pushedMs = pushOf(row.occurredAt, base, gaps);
  return { deadline: base + pushedMs, pushedMs };
}
