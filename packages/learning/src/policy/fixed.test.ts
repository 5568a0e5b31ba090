import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { Choice } from '../exploration/choice.ts';
import { DecisionFeatures } from '../features/decision-features.ts';
import { createLinearPolicy } from './linear-policy.ts';
import { emptyPolicyState } from './policy-state.ts';

function decided(ids: readonly string[], allowed: Uint8Array | undefined, floor = 0): number[] {
  const configuration = versionConfigurationSchema.parse({
    explorer: { kind: 'fixed', probabilities: { a: 0.5, b: 0.3, c: 0.2 } },
    minimum_probability: floor,
    learner: { bits: 8 },
  });
  const features = new DecisionFeatures();
  const choice = new Choice();
  features.read(
    {},
    ids.map((id) => ({ id })),
  );
  createLinearPolicy(configuration).decide(emptyPolicyState(configuration), features, allowed, choice);
  return Array.from(choice.probabilities.subarray(0, choice.count));
}

test.each([
  ['as declared, by ids', ['c', 'a', 'b'], undefined, [0.2, 0.5, 0.3]],
  ['what is excluded gives its part to the others', ['a', 'b', 'c'], Uint8Array.of(0, 1, 1), [0, 0.6, 0.4]],
  ['so does what is not listed', ['a', 'c'], undefined, [5 / 7, 2 / 7]],
  ['an action that was not declared gets nothing', ['a', 'b', 'c', 'new'], undefined, [0.5, 0.3, 0.2, 0]],
  ['unless there is no other', ['new', 'newer'], undefined, [0.5, 0.5]],
  ['or all others are excluded', ['a', 'new', 'newer'], Uint8Array.of(0, 1, 1), [0, 0.5, 0.5]],
] as [string, string[], Uint8Array | undefined, number[]][])('%s', (_, ids, allowed, expected) => {
  const found = decided(ids, allowed);
  for (const [index, p] of expected.entries()) expect(found[index]).toBeCloseTo(p, 12);
});

test('the floor holds for what was declared as nothing', () => {
  expect(decided(['a', 'b', 'c', 'new'], undefined, 0.2)[3]).toBeCloseTo(0.05, 12);
});
