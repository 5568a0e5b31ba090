import type { z } from 'zod';

/** How far sums and equal probabilities may differ: they went through JSON and other languages. */
const TOLERANCE = 1e-6;

interface Decided {
  actions: readonly { id: string }[];
  probabilities?: readonly number[] | undefined;
  chosen: number;
  propensity: number;
  shadow?: readonly { probabilities: readonly number[] }[] | undefined;
  excluded?: readonly string[] | undefined;
}

/** The rules across the members of a decision. JSON Schema can say none of them. Only the first mistake is told. */
export function checkDecision(payload: z.core.ParsePayload<Decided>): void {
  // What is wrong by itself is wrong in its sum too, and needs no second telling.
  if (payload.issues.length > 0) return;
  const mistake = mistakeOf(payload.value);
  if (mistake) payload.issues.push({ code: 'custom', input: payload.value, ...mistake });
}

interface Mistake {
  path: (string | number)[];
  message: string;
}

function mistakeOf({
  actions,
  probabilities,
  chosen,
  propensity,
  shadow,
  excluded,
}: Decided): Mistake | undefined {
  const ids = new Set<string>();
  for (const [index, { id }] of actions.entries()) {
    if (ids.has(id)) return { path: ['actions', index, 'id'], message: 'must be unique within the decision' };
    ids.add(id);
  }
  const chosenAction = actions[chosen];
  if (chosenAction === undefined) {
    return { path: ['chosen'], message: `must be the index of an action, less than ${actions.length}` };
  }
  if (probabilities) {
    if (probabilities.length !== actions.length) {
      return { path: ['probabilities'], message: notForEach(probabilities, actions) };
    }
    const sum = probabilities.reduce((total, probability) => total + probability, 0);
    if (Math.abs(sum - 1) > TOLERANCE) {
      return { path: ['probabilities'], message: `must sum to 1, not ${Number(sum.toFixed(9))}` };
    }
    const probability = probabilities[chosen] ?? 0;
    if (Math.abs(propensity - probability) > TOLERANCE) {
      return {
        path: ['propensity'],
        message: `must be the probability of the chosen action, ${probability}`,
      };
    }
  }
  for (const [index, version] of (shadow ?? []).entries()) {
    if (version.probabilities.length !== actions.length) {
      return {
        path: ['shadow', index, 'probabilities'],
        message: notForEach(version.probabilities, actions),
      };
    }
  }
  for (const [index, id] of (excluded ?? []).entries()) {
    if (!ids.has(id)) return { path: ['excluded', index], message: 'must be the id of a listed action' };
    if (id === chosenAction.id)
      return { path: ['excluded', index], message: 'must not be the chosen action' };
  }
  return undefined;
}

function notForEach(probabilities: readonly number[], actions: readonly unknown[]): string {
  return `must have one probability for each of the ${actions.length} actions, not ${probabilities.length}`;
}
