import { type RewardSpecification, parseDuration } from '@rlaas/schemas';

/** How far before its decision an event may have happened by its sender's clock. */
const BEFORE_MS = 5 * 60_000;

export interface Outcome {
  id: string;
  occurredAt: number;
  receivedAt: number;
  name: string | null;
  value: unknown;
}

export interface Computed {
  status: 'final' | 'defaulted' | 'inactive';
  value: number | null;
  components: { counted: string[]; ignored: { id: string; reason: string }[]; clipped?: true };
}

/** When a decision's reward closes: every decision waits the same time, counted from itself. */
export function deadlineOf(
  specification: RewardSpecification,
  occurredAt: number,
  receivedAt: number,
): number {
  const after = parseDuration(specification.window.after) ?? 0;
  const grace = parseDuration(specification.window.grace) ?? 0;
  return Math.max(occurredAt + after, receivedAt) + grace;
}

/**
 * The reward of a decision. A pure function of what is stored: the same for any order in which its events came.
 * @param times milliseconds since 1970
 */
export function computeReward(
  specification: RewardSpecification,
  times: { occurredAt: number; deadline: number },
  outcomes: readonly Outcome[],
): Computed {
  const after = parseDuration(specification.window.after) ?? 0;
  const ignored: Computed['components']['ignored'] = [];
  const candidates: (Outcome & { number: number })[] = [];
  for (const outcome of outcomes) {
    const number = numberOf(outcome.value);
    if (outcome.name !== specification.outcome) ignored.push({ id: outcome.id, reason: 'other_outcome' });
    else if (number === undefined) ignored.push({ id: outcome.id, reason: 'no_number' });
    else if (
      outcome.occurredAt < times.occurredAt - BEFORE_MS ||
      outcome.occurredAt > times.occurredAt + after
    ) {
      ignored.push({ id: outcome.id, reason: 'outside_window' });
    } else if (outcome.receivedAt > times.deadline) ignored.push({ id: outcome.id, reason: 'late' });
    else candidates.push({ ...outcome, number });
  }
  // The first by the time it happened, ties by id: no order of arrival decides.
  const [first, ...others] = candidates.toSorted(
    (a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1),
  );
  ignored.push(...others.map(({ id }) => ({ id, reason: 'not_first' })));
  ignored.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!first) {
    const value = specification.default;
    return { status: value === null ? 'inactive' : 'defaulted', value, components: { counted: [], ignored } };
  }
  const [least, most] = specification.range;
  const value = Math.min(Math.max(first.number, least), most);
  return {
    status: 'final',
    value,
    components: {
      counted: [first.id],
      ignored,
      ...(value === first.number ? {} : { clipped: true as const }),
    },
  };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : undefined;
}
