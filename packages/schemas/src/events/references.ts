import type { z } from 'zod';

/** The members by which an event says which decisions it is about. */
export interface References {
  policy?: string | undefined;
  decision_id?: string | undefined;
  external_id?: string | undefined;
  episode_id?: string | undefined;
}
type Reference = 'decision_id' | 'external_id' | 'episode_id';

/** What an event needs that is about a decision or about an episode. */
export const ANY_REFERENCE: readonly Reference[] = ['decision_id', 'external_id', 'episode_id'];
/** What an event needs that is about exactly one decision. */
export const ONE_DECISION: readonly Reference[] = ['decision_id', 'external_id'];

/**
 * The rules across the references of an event, in two forms that say the same: `check` for Zod and `rules` for JSON
 * Schema.
 * @param needed at least one of these must be there; none: the event may stand by itself
 */
export function referenceRules(needed: readonly Reference[]): {
  check: (payload: z.core.ParsePayload<References>) => void;
  rules: object[];
} {
  const missing = `at least one of ${needed.join(', ')} is required`;
  return {
    check: (payload) => {
      const mistake = mistakeOf(payload.value, needed, missing);
      if (mistake) payload.issues.push({ code: 'custom', input: payload.value, ...mistake });
    },
    rules: [
      ...(needed.length === 0 ? [] : [{ anyOf: needed.map((name) => ({ required: [name] })) }]),
      { not: { required: ['decision_id', 'external_id'] } },
      {
        anyOf: [
          { required: ['decision_id'] },
          { required: ['policy'] },
          { not: { anyOf: [{ required: ['external_id'] }, { required: ['episode_id'] }] } },
        ],
      },
    ],
  };
}

function mistakeOf(
  event: References,
  needed: readonly Reference[],
  missing: string,
): { path: string[]; message: string } | undefined {
  if (event.decision_id !== undefined) {
    return event.external_id === undefined
      ? undefined
      : { path: ['external_id'], message: 'must not stand together with decision_id' };
  }
  if (needed.length > 0 && needed.every((name) => event[name] === undefined)) {
    return { path: ['decision_id'], message: missing };
  }
  const alone = event.external_id !== undefined || event.episode_id !== undefined;
  return alone && event.policy === undefined
    ? { path: ['policy'], message: 'is required where external_id or episode_id stands without decision_id' }
    : undefined;
}
