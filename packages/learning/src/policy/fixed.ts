import type { VersionConfiguration } from '@rlaas/schemas';
import type { PolicyExplorer } from './policy-explorer.ts';

/**
 * Declared probabilities, by the ids of actions. What is excluded or not listed now gives its part to the others in
 * proportion; where nothing is left of what was declared, all allowed actions are equal.
 */
export function fixedExplorer(
  explorer: Extract<VersionConfiguration['explorer'], { kind: 'fixed' }>,
): PolicyExplorer {
  const declared = new Map(Object.entries(explorer.probabilities));
  return {
    decide(_model, { actions }, allowed, { scores, probabilities, count }) {
      let sum = 0;
      let left = 0;
      for (let index = 0; index < count; index += 1) {
        const isAllowed = allowed?.[index] !== 0;
        const p = isAllowed ? (declared.get(actions[index]?.id ?? '') ?? 0) : 0;
        scores[index] = 0;
        probabilities[index] = p;
        sum += p;
        if (isAllowed) left += 1;
      }
      for (let index = 0; index < count; index += 1) {
        if (sum > 0) probabilities[index] = (probabilities[index] ?? 0) / sum;
        else probabilities[index] = allowed?.[index] === 0 ? 0 : 1 / left;
      }
    },
    explore: undefined,
    learn: () => undefined,
  };
}
