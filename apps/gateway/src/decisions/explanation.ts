import type { ActionExplanation } from '@rlaas/learning';
import type { Explanation } from '@rlaas/schemas';

/** More contributions than this are told as a sum. */
const MOST = 50;

/** Contributions of each action, the largest ones by name. */
export function explainedActions(
  explained: readonly ActionExplanation[],
): Extract<Explanation, { available: true }>['actions'] {
  return explained.map(({ id, score, contributions }) => ({
    id,
    score,
    contributions: contributions.slice(0, MOST).map(({ feature, value, weight, contribution }) => ({
      feature,
      value,
      weight,
      contribution,
    })),
    others: contributions.slice(MOST).reduce((sum, { contribution }) => sum + contribution, 0),
  }));
}
