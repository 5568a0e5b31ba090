import type { IgnoredReason } from '@rlaas/schemas';
import type { CompiledSpecification } from '../specifications/compile.ts';
import { type InputPlan, keyOfEvent } from '../specifications/input-plan.ts';
import { type Aggregated, type ReadEvent, aggregate, inOrder } from './aggregate.ts';
import type { DecisionFacts, EventFacts } from './facts.ts';
import { readValue } from './read-value.ts';

/** How far before its decision an event may have happened by its sender's clock. */
export const BEFORE_MS = 5 * 60_000;

/** What the events of a decision are for its inputs. */
export interface Selection {
  /** Inputs in which events counted. */
  inputs: ReadonlyMap<InputPlan, Aggregated>;
  ignored: readonly { id: string; reason: IgnoredReason }[];
}

/** Of several reasons the one is told that came closest to counting. */
const CLOSENESS: Record<IgnoredReason, number> = {
  inactive: 0,
  late: 0,
  unused: 1,
  wrong_scope: 2,
  outside_window: 3,
  wrong_type: 4,
  out_of_range: 5,
  not_first: 6,
  not_last: 6,
};

/** Sorts events into those that count, in which inputs, and those that do not, with the reason. */
export function selectEvents(
  specification: CompiledSpecification,
  decision: DecisionFacts,
  events: readonly EventFacts[],
): Selection {
  const read = new Map<InputPlan, ReadEvent[]>();
  const ignored = new Map<string, IgnoredReason>();
  const ignore = (event: EventFacts, reason: IgnoredReason): void => {
    const known = ignored.get(event.id);
    if (known === undefined || CLOSENESS[reason] > CLOSENESS[known]) ignored.set(event.id, reason);
  };
  const [only] = events;
  const sorted = events.length > 1 ? events.toSorted(inOrder) : only ? [only] : [];
  for (const event of sorted) {
    if (event.type === 'activation') continue;
    const onTime = event.receivedAt <= decision.deadline;
    if (!onTime) {
      if (event.about !== 'sibling') ignore(event, 'late');
      continue;
    }
    for (const part of partsOf(event)) {
      const plans = readersOf(specification, part);
      if (plans.length === 0 && event.about !== 'sibling') ignore(event, 'unused');
      for (const plan of plans) {
        const end = readInto(plan, part, decision);
        if (typeof end === 'object') {
          const list = read.get(plan);
          if (list) list.push(end);
          else read.set(plan, [end]);
        } else if (event.about !== 'sibling') ignore(event, end);
      }
    }
  }
  const inputs = new Map<InputPlan, Aggregated>();
  const counted = new Set<string>();
  // In the order of the definition, so that what is stored is the same for any order of events.
  for (const plan of specification.inputs) {
    const list = read.get(plan);
    if (!list) continue;
    const made = isChosenFirst(plan) ? chooseFirst(plan, list, decision.id, ignore) : aggregate(plan, list);
    if (!made) continue;
    inputs.set(plan, made);
    for (const { event } of made.counted) counted.add(event.id);
    if (made.counted.length < list.length) {
      for (const { event } of list) {
        if (event.about !== 'sibling')
          ignore(event, plan.input.aggregate === 'first' ? 'not_first' : 'not_last');
      }
    }
  }
  return {
    inputs,
    ignored: [...ignored]
      .filter(([id]) => !counted.has(id))
      .map(([id, reason]) => ({ id, reason }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

const NONE: readonly InputPlan[] = [];

function readersOf({ readers }: CompiledSpecification, { type, data }: EventFacts): readonly InputPlan[] {
  const name = data?.['name'];
  const named = typeof name === 'string' ? readers.get(keyOfEvent(type, name)) : undefined;
  const unnamed = readers.get(type);
  return named && unnamed ? [...named, ...unnamed] : (named ?? unnamed ?? NONE);
}

function readInto(
  plan: InputPlan,
  event: EventFacts,
  decision: DecisionFacts,
): ReadEvent | Exclude<IgnoredReason, 'late' | 'inactive' | 'unused'> {
  const { episode } = decision;
  if (!plan.ofEpisode && (event.about === 'episode' || event.about === 'sibling')) return 'wrong_scope';
  const [from, to] =
    plan.ofEpisode && episode ? [episode.from, episode.to] : [decision.occurredAt, decision.occurredAt];
  if (event.occurredAt < from - BEFORE_MS || event.occurredAt > to + plan.afterMs) return 'outside_window';
  if (isChosenFirst(plan)) return { event, value: 0 };
  const value = readValue(plan, event, decision.id);
  return typeof value === 'object' ? { event, value: value.value } : value;
}

/** Grading takes time: of many demonstrations only the one that counts is graded. */
function isChosenFirst({ input }: InputPlan): boolean {
  return input.grader !== undefined && (input.aggregate === 'first' || input.aggregate === 'last');
}

/** The first event, from the side that the aggregate looks from, that has a value; reasons of those before it. */
function chooseFirst(
  plan: InputPlan,
  list: readonly ReadEvent[],
  decisionId: string,
  ignore: (event: EventFacts, reason: IgnoredReason) => void,
): Aggregated | undefined {
  for (const { event } of plan.input.aggregate === 'first' ? list : list.toReversed()) {
    const value = readValue(plan, event, decisionId);
    if (typeof value === 'object') return { value: value.value, counted: [{ event, value: value.value }] };
    if (event.about !== 'sibling') ignore(event, value);
  }
  return undefined;
}

/** The end of an episode tells outcomes of all of it; each of them is read as one by itself. */
function partsOf(event: EventFacts): readonly EventFacts[] {
  if (event.type !== 'episode_end') return [event];
  const outcomes = event.data?.['outcomes'];
  if (!Array.isArray(outcomes)) return [];
  const about = event.about === 'sibling' ? 'sibling' : 'episode';
  return outcomes.map((data: EventFacts['data']) =>
    Object.assign({}, event, { type: 'outcome', data, about }),
  );
}
