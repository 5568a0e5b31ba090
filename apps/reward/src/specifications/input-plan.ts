import { type FieldType, type RewardInput, typeOfInput, windowOfInput } from '@rlaas/schemas';
import type { Field } from '../expressions/expression.ts';

/** An input as it is used for each decision: what it reads, of what type, for how long. */
export interface InputPlan {
  name: string;
  input: RewardInput;
  type: FieldType;
  /** Milliseconds after the decision until which events count. */
  afterMs: number;
  /** Of an episode, not of the decision alone. */
  ofEpisode: boolean;
  /** Its value where no event counted; `undefined`: none. */
  fallback: number | boolean | string | undefined;
}

/** @param afterMs the window of the specification */
export function planInput(name: string, input: RewardInput, afterMs: number): InputPlan {
  return {
    name,
    input,
    type: typeOfInput(input),
    afterMs: windowOfInput(input, afterMs),
    ofEpisode: input.scope === 'episode',
    fallback: input.default ?? (input.aggregate === 'count' ? 0 : undefined),
  };
}

/** What is known of the values of an input before any event. */
export function fieldOfInput({ input, type, fallback }: InputPlan): Field {
  const range = type === 'number' ? rangeOf(input) : undefined;
  return {
    type,
    always: fallback !== undefined,
    ...(range && { range: typeof fallback === 'number' ? widened(range, fallback) : range }),
  };
}

function rangeOf(input: RewardInput): readonly [number, number] | undefined {
  if (input.aggregate === 'count') return [0, Number.MAX_VALUE];
  // A sum leaves the range of what is summed.
  if (input.aggregate === 'sum') return undefined;
  if (input.grader !== undefined || input.event === 'preference' || input.field === 'thumb') {
    return input.range ? [Math.max(0, input.range[0]), Math.min(1, input.range[1])] : [0, 1];
  }
  return input.range;
}

function widened([least, largest]: readonly [number, number], value: number): [number, number] {
  return [Math.min(least, value), Math.max(largest, value)];
}

/**
 * What an event is called among the inputs: its type and, where it has one, its name. An input without a name takes
 * every one of its type.
 */
export function keyOfEvent(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type}:${name}`;
}
