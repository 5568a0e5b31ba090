import { emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoggedChoiceReader } from './logged-choice.ts';
import { targetProbabilities } from './target-probabilities.ts';
import type { TargetSource } from './target-source.ts';

const decision = {
  context: { position: 2, language: 'en' },
  actions: [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }],
  probabilities: [0.4, 0.3, 0.3, 0],
  chosen: 1,
  propensity: 0.3,
  policy_version: null,
  checkpoint: null,
  mode: 'shadow_only',
  excluded: ['d'],
  shadow: [{ version: 'v2', probabilities: [0, 0.25, 0.75, 0] }],
};

/** The target's probabilities, or what was answered in place of them. */
function probabilitiesOf(source: TargetSource, change: object = {}): unknown {
  const choice = new LoggedChoiceReader().read(JSON.stringify({ ...decision, ...change }), false);
  if (typeof choice === 'string') return choice;
  const into = new Float64Array(choice.data.actions.length);
  const known = targetProbabilities(source)(choice, into);
  return known === 'all' ? Array.from(into) : known;
}
const declared = (probabilities: Record<string, number>): TargetSource => ({
  kind: 'declared',
  declared: { probabilities },
});

test('declared probabilities go to the listed actions; what is excluded gives its part to the others', () => {
  expect(probabilitiesOf(declared({ a: 0.5, c: 0.5 }))).toEqual([0.5, 0, 0.5, 0]);
  expect(probabilitiesOf(declared({ a: 0.2, b: 0.2, d: 0.6 }))).toEqual([0.5, 0.5, 0, 0]);
  expect(probabilitiesOf(declared({ d: 1 }))).toBeUndefined();
  expect(probabilitiesOf(declared({ z: 1 }))).toBeUndefined();
});

test('a table is chosen by the text of a feature', () => {
  const source: TargetSource = {
    kind: 'declared',
    declared: { by: 'position', tables: { '1': { a: 1 }, '2': { b: 1 }, en: { c: 1 } } },
  };
  expect(probabilitiesOf(source)).toEqual([0, 1, 0, 0]);
  expect(probabilitiesOf(source, { context: { position: '1' } })).toEqual([1, 0, 0, 0]);
  expect(probabilitiesOf(source, { context: { position: 3 } })).toBeUndefined();
  expect(probabilitiesOf(source, { context: {} })).toBeUndefined();
  expect(probabilitiesOf(source, { context: { position: [1] } })).toBeUndefined();
});

test('the baseline is the first action that is not excluded, explored', () => {
  const source: TargetSource = { kind: 'baseline', exploration: 0.2 };
  expect(probabilitiesOf(source)).toEqual([0.8, 0.1, 0.1, 0]);
  expect(
    probabilitiesOf(source, { excluded: ['a', 'd'], probabilities: [0, 0.7, 0.3, 0], propensity: 0.7 }),
  ).toEqual([0, 0.8, 0.2, 0]);
  const single = { excluded: ['a', 'c', 'd'], probabilities: [0, 1, 0, 0], propensity: 1 };
  expect(probabilitiesOf(source, single)).toEqual([0, 1, 0, 0]);
});

test('what was logged is taken as it was', () => {
  expect(probabilitiesOf({ kind: 'logged', version: 'v2' })).toEqual([0, 0.25, 0.75, 0]);
  expect(probabilitiesOf({ kind: 'logged', version: 'v3' })).toBeUndefined();
  expect(probabilitiesOf({ kind: 'logging' })).toEqual([0.4, 0.3, 0.3, 0]);
  expect(probabilitiesOf({ kind: 'logging' }, { probabilities: undefined })).toBe('chosen');
});

test('a version explores by its own floor', () => {
  const configuration = versionConfigurationSchema.parse({
    explorer: { kind: 'fixed', probabilities: { a: 1 } },
    minimum_probability: 0.3,
  });
  const source: TargetSource = { kind: 'version', configuration, model: emptyPolicyState(configuration) };
  expect(probabilitiesOf(source)).toEqual([0.8, 0.1, 0.1, 0].map((p) => expect.closeTo(p, 12) as unknown));
});

test('probabilities sum to 1 and excluded actions have none, whatever is declared', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(share, { minLength: 4, maxLength: 4 }), fc.boolean(), (weights, isBaseline) => {
      const [a = 0, b = 0, c = 0, d = 0] = weights;
      fc.pre(a + b + c > 1e-6);
      const sum = a + b + c + d;
      const source: TargetSource = isBaseline
        ? { kind: 'baseline', exploration: a }
        : declared({ a: a / sum, b: b / sum, c: c / sum, d: d / sum });
      const found = probabilitiesOf(source) as number[];
      expect(found.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 9);
      expect(found[3]).toBe(0);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test.each([
  [{ sticky_of: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d' }, false, 'sticky_repeat'],
  [{ mode: 'baseline' }, false, 'not_explored'],
  [{ mode: 'degraded' }, false, 'not_explored'],
  [{ propensity: undefined }, true, 'no_propensity'],
  [{ propensity: 0 }, true, 'no_propensity'],
  [{ actions: [] }, true, 'unreadable'],
])('%j is left out', (change, imported, reason) => {
  expect(new LoggedChoiceReader().read(JSON.stringify({ ...decision, ...change }), imported)).toBe(reason);
});

test('an import may have any mode', () => {
  const read = new LoggedChoiceReader().read(JSON.stringify({ ...decision, mode: 'baseline' }), true);
  expect(read).toHaveProperty('allowed', Uint8Array.of(1, 1, 1, 0));
});
