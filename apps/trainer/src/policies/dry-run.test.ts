import { policyConfigurationSchema, versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { dryRun, isDistribution } from './dry-run.ts';

const listed = policyConfigurationSchema.parse({
  actions: [{ id: 'a', features: { x: 1, deep: { y: ['z'.length, 2] } } }, { id: 'b' }, { id: 'c' }],
});
const unlisted = policyConfigurationSchema.parse({});

test.for([
  { kind: 'epsilon_greedy' },
  { kind: 'softmax' },
  { kind: 'squarecb' },
  { kind: 'bagging', models: 32 },
  { kind: 'cover' },
  { kind: 'thompson' },
  { kind: 'fixed', probabilities: { a: 0.5, b: 0.25, c: 0.25 } },
])('a version of $kind can decide, whether its policy lists actions or not', (explorer) => {
  for (const minimum_probability of [0, 0.01, 1]) {
    const version = versionConfigurationSchema.parse({
      explorer,
      minimum_probability,
      // A whole model of this size would be hundreds of megabytes.
      learner: { bits: 24, estimator: 'dr' },
    });
    expect(dryRun(version, listed)).toBeUndefined();
    expect(dryRun(version, unlisted)).toBeUndefined();
  }
});

test('no parameters that a version may have make it undecided', () => {
  const explorers = [
    { kind: 'softmax', lambda: 1e308 },
    { kind: 'softmax', lambda: 1e-308 },
    { kind: 'squarecb', gamma_scale: 1e308 },
    { kind: 'cover', psi: 1e308 },
    { kind: 'bagging' },
    { kind: 'thompson' },
  ];
  for (const explorer of explorers) {
    for (const learning_rate of [1e-308, 1e308]) {
      for (const estimator of ['mtr', 'ips', 'dr', 'dm']) {
        const version = versionConfigurationSchema.parse({
          explorer,
          minimum_probability: 0,
          learner: { learning_rate, estimator },
        });
        expect(dryRun(version, listed), JSON.stringify(version)).toBeUndefined();
      }
    }
  }
});

test('what is no distribution is told from one', () => {
  expect(isDistribution(Float64Array.of(0.25, 0.75))).toBe(true);
  for (const numbers of [
    [],
    [0.5, 0.4],
    [0.5, 0.6],
    [1.5, -0.5],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY],
  ]) {
    expect(isDistribution(Float64Array.from(numbers)), String(numbers)).toBe(false);
  }
});
