import type { InputPlan } from '../specifications/input-plan.ts';
import type { EventFacts } from './facts.ts';

type Value = number | boolean | string;

/** An event with what an input reads of it. */
export interface ReadEvent {
  event: EventFacts;
  value: Value;
}

/** What several events are as one, and which of them it was made of. */
export interface Aggregated {
  value: Value;
  counted: readonly ReadEvent[];
}

/** By the time it happened, ties by id: no order of arrival decides. */
export function inOrder(a: EventFacts, b: EventFacts): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}

/** @param read at least one, in the order of `inOrder` */
export function aggregate({ input }: InputPlan, read: readonly ReadEvent[]): Aggregated {
  const kind = input.aggregate;
  if (kind === 'first' || kind === 'last') {
    const chosen = read.at(kind === 'first' ? 0 : -1) as ReadEvent;
    return { value: chosen.value, counted: [chosen] };
  }
  if (kind === 'any') return { value: read.some(({ value }) => value === true), counted: read };
  if (kind === 'all') return { value: read.every(({ value }) => value === true), counted: read };
  if (kind === 'count') return { value: read.length, counted: read };
  return {
    value: numberOf(
      kind,
      read.map(({ value }) => Number(value)),
    ),
    counted: read,
  };
}

/** Added up in their order: the same events give the same bits. */
function numberOf(kind: 'sum' | 'mean' | 'median' | 'min' | 'max', values: readonly number[]): number {
  if (kind === 'min' || kind === 'max') {
    return values.reduce((one, other) => (kind === 'min' ? Math.min(one, other) : Math.max(one, other)));
  }
  if (kind === 'median') {
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
    return low === high ? low : low / 2 + high / 2;
  }
  const sum = values.reduce((total, value) => total + value, 0);
  return kind === 'sum' ? sum : sum / values.length;
}
