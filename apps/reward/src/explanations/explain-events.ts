import type { ExplainedReward, IgnoredReason, RewardComponents } from '@rlaas/schemas';
import type { EventFacts } from '../rewards/facts.ts';
import { inOrder } from '../rewards/aggregate.ts';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { RewardRow } from '../store/reward-rows.ts';

type Explained = ExplainedReward['events'][number];

/** All events of a decision, by time, each with what it did. Those that are in the database no more come last. */
export function explainEvents(
  row: RewardRow,
  components: RewardComponents | null,
  events: readonly EventFacts[],
  compiled: CompiledSpecification | undefined,
): Explained[] {
  const countedIn = new Map<string, string[]>();
  for (const [name, made] of Object.entries(components?.inputs ?? {})) {
    for (const id of made.events) countedIn.set(id, [...(countedIn.get(id) ?? []), name]);
  }
  const ignored = new Map(components?.ignored.map(({ id, reason }) => [id, reason]));
  const there = events.toSorted(inOrder).map((event): Explained => {
    const counted = countedIn.get(event.id) ?? [];
    const late = event.receivedAt > row.deadline;
    const reason =
      counted.length > 0 || event.id === components?.activated_by
        ? null
        : (ignored.get(event.id) ?? (late ? 'late' : event.type === 'activation' ? null : 'unused'));
    const name = event.data?.['name'];
    return {
      id: event.id,
      type: event.type,
      name: typeof name === 'string' ? name : null,
      occurred_at: new Date(event.occurredAt).toISOString(),
      received_at: new Date(event.receivedAt).toISOString(),
      counted_in: counted,
      ignored: reason,
      why: whyOf({ event, counted, reason, row, components, compiled }),
    };
  });
  const known = new Set(events.map(({ id }) => id));
  const gone = [...new Set([...countedIn.keys(), ...ignored.keys()])].filter((id) => !known.has(id));
  return [
    ...there,
    ...gone.map((id): Explained => ({
      id,
      type: null,
      name: null,
      occurred_at: null,
      received_at: null,
      counted_in: countedIn.get(id) ?? [],
      ignored: ignored.get(id) ?? null,
      why: 'It was read when the reward was made and is not in the database any more.',
    })),
  ];
}

function whyOf(given: {
  event: EventFacts;
  counted: readonly string[];
  reason: IgnoredReason | null;
  row: RewardRow;
  components: RewardComponents | null;
  compiled: CompiledSpecification | undefined;
}): string {
  const { event, counted, reason, row, components, compiled } = given;
  if (counted.length > 0) return `It counted as ${counted.map((name) => `e.${name}`).join(' and ')}.`;
  if (event.id === components?.activated_by) return 'It said that the deferred decision was used.';
  const time = (ms: number): string => new Date(ms).toISOString();
  if (reason === 'late') {
    return `It was received ${time(event.receivedAt)}, after the reward had closed (${time(row.deadline)}).`;
  }
  if (reason === 'outside_window') {
    const until = compiled
      ? `until ${time(row.occurredAt + compiled.afterMs)}, or less where an input says so`
      : 'in the window';
    return `It happened ${time(event.occurredAt)}; events count from 5 minutes before the decision (${time(row.occurredAt)}) ${until}.`;
  }
  return reason === null ? 'It says nothing about the reward.' : WHY[reason];
}

const WHY: Record<Exclude<IgnoredReason, 'late' | 'outside_window'>, string> = {
  not_first: 'An earlier event counted: its input takes the first one.',
  not_last: 'A later event counted: its input takes the last one.',
  wrong_scope:
    'It is about the whole episode, and the inputs that read such events are about the decision alone.',
  wrong_type: 'Its value is not of the type that the input reads.',
  out_of_range: 'Its value is outside the range of the input.',
  unused: 'No input of the specification reads such events.',
  inactive: 'The decision has no reward, so none of its events counts.',
};
