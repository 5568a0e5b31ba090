import { editSimilarity } from '../graders/edit-similarity.ts';
import type { InputPlan } from '../specifications/input-plan.ts';
import type { EventFacts } from './facts.ts';

/** Why an event has no value for an input. */
export type NoValue = 'wrong_type' | 'out_of_range';
type Value = number | boolean | string;

/** What an input reads of an event. @param decisionId the decision that the reward is of */
export function readValue(
  plan: InputPlan,
  event: EventFacts,
  decisionId: string,
): { value: Value } | NoValue {
  const { input, type } = plan;
  // Any of them counts, whatever it says.
  if (input.aggregate === 'count') return { value: 1 };
  const raw = rawValue(plan, event, decisionId);
  const value = typeof raw === type ? (raw as Value) : converted(raw, type);
  if (value === undefined) return 'wrong_type';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'wrong_type';
    const { range } = input;
    if (range && (value < range[0] || value > range[1])) return 'out_of_range';
  }
  return { value };
}

function rawValue({ input }: InputPlan, { data }: EventFacts, decisionId: string): unknown {
  if (!data) return undefined;
  if (input.event === 'feedback') {
    const { [input.field ?? 'rating']: said } = data;
    return input.field === 'thumb' && said !== undefined ? said === 'up' : said;
  }
  if (input.event === 'demonstration') {
    if (input.grader === undefined) return data[input.field ?? 'final'];
    const { draft, final } = data;
    return typeof draft === 'string' && typeof final === 'string' ? editSimilarity(draft, final) : undefined;
  }
  if (input.event === 'preference') return preferenceOf(data, decisionId);
  return data['value'];
}

/** 1 for the side that was preferred, 0 for the other, ½ for a tie. */
function preferenceOf(
  { a, b, winner }: Readonly<Record<string, unknown>>,
  decisionId: string,
): number | undefined {
  const side = names(a, decisionId) ? 'a' : names(b, decisionId) ? 'b' : undefined;
  if (side === undefined) return undefined;
  if (winner === 'tie') return 0.5;
  return winner === side ? 1 : 0;
}

function names(side: unknown, decisionId: string): boolean {
  return (side as { decision_id?: unknown } | null | undefined)?.decision_id === decisionId;
}

function converted(value: unknown, type: InputPlan['type']): Value | undefined {
  if (type === 'number') return typeof value === 'boolean' ? (value ? 1 : 0) : undefined;
  if (type === 'boolean' && typeof value === 'number') return value !== 0;
  return undefined;
}
