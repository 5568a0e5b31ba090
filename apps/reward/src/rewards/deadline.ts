import type { CompiledSpecification } from '../specifications/compile.ts';

/** A time in which no event could come in. */
export interface Gap {
  from: number;
  to: number;
}

/**
 * When a decision's reward closes: every decision waits the same time, counted from itself.
 * Times in milliseconds since 1970.
 */
export function deadlineOf(
  { afterMs, graceMs }: Pick<CompiledSpecification, 'afterMs' | 'graceMs'>,
  occurredAt: number,
  receivedAt: number,
): number {
  return Math.max(occurredAt + afterMs, receivedAt) + graceMs;
}

/**
 * By how much a deadline is put off, since no event could come in for a part of the time from the decision to it. The
 * time that is added may reach into another gap, which adds its own.
 * @param gaps apart from each other, by time: `mergeGaps`
 * @returns milliseconds, 0 without a gap
 */
export function pushOf(occurredAt: number, deadline: number, gaps: readonly Gap[]): number {
  let pushed = 0;
  for (const { from, to } of gaps) {
    if (to <= occurredAt) continue;
    if (from >= deadline + pushed) break;
    pushed += to - Math.max(from, occurredAt);
  }
  return pushed;
}

/** Gaps by time, those that touch as one. */
export function mergeGaps(gaps: readonly Gap[]): Gap[] {
  const merged: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && gap.from <= last.to) last.to = Math.max(last.to, gap.to);
    else merged.push({ ...gap });
  }
  return merged;
}
