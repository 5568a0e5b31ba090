import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';

/** One version of each explorer and each estimator, without a floor. */
export const versions: readonly (readonly [string, VersionConfiguration])[] = [
  ['epsilon_greedy', { explorer: { kind: 'epsilon_greedy' } }],
  ['softmax', { explorer: { kind: 'softmax', lambda: 3 } }],
  ['squarecb', { explorer: { kind: 'squarecb' } }],
  ['squarecb, ips', { explorer: { kind: 'squarecb' }, learner: { estimator: 'ips' } }],
  ['squarecb, dr', { explorer: { kind: 'squarecb' }, learner: { estimator: 'dr' } }],
  ['squarecb, dm', { explorer: { kind: 'squarecb' }, learner: { estimator: 'dm' } }],
  ['bagging', { explorer: { kind: 'bagging', models: 5 } }],
  ['bagging, dr', { explorer: { kind: 'bagging', models: 3 }, learner: { estimator: 'dr' } }],
  ['cover', { explorer: { kind: 'cover' } }],
  ['thompson', { explorer: { kind: 'thompson' } }],
  ['fixed', { explorer: { kind: 'fixed', probabilities: { 'action-0': 0.25, 'action-2': 0.75 } } }],
].map(([name, configuration]) => {
  const { learner, ...others } = configuration as { learner?: object };
  return [
    name as string,
    versionConfigurationSchema.parse({
      ...others,
      minimum_probability: 0,
      learner: { bits: 10, ...learner },
    }),
  ];
});
