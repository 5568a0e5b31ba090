/** Whether each start has an error budget of its own, or all of a policy share one. */
export type ErrorBudget = 'per_start' | 'per_policy';

/**
 * Probability with which a start may promote falsely.
 * @param alpha of the policy, in (0, 1)
 * @param number of the start among those of the policy, from 1; its share is never given back
 */
export function alphaOfStart(alpha: number, budget: ErrorBudget, number: number): number {
  // Σ 1/i² = π²/6: whatever the number of starts, together they have no more than α.
  return budget === 'per_start' ? alpha : (alpha * 6) / (Math.PI * Math.PI * number * number);
}
