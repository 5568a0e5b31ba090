import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';

/** A configuration of RLaaS under a name for tables. */
export interface NamedConfiguration {
  name: string;
  configuration: VersionConfiguration;
}

/** What a version does that says nothing about it. */
export const DEFAULT: NamedConfiguration = named('default', {});

/** The other explorers, with everything else as it is by default. */
export const OTHERS: readonly NamedConfiguration[] = [
  named('ε-greedy .05', { kind: 'epsilon_greedy', epsilon: 0.05 }),
  named('cover', { kind: 'cover' }),
  named('bagging', { kind: 'bagging' }),
  named('softmax', { kind: 'softmax' }),
  named('thompson', { kind: 'thompson' }),
];

/** A configuration in words: explorer with its parameters, estimator, rate, floor. */
export function inWords({ explorer, learner, minimum_probability: floor }: VersionConfiguration): string {
  const { kind, ...parameters } = explorer;
  const told = Object.entries(parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [
    [kind, ...told].join(' '),
    learner.estimator,
    `learning rate ${learner.learning_rate}`,
    `floor ${floor}`,
  ].join(', ');
}

function named(name: string, explorer: object): NamedConfiguration {
  const given = Object.keys(explorer).length === 0 ? {} : { explorer };
  return { name, configuration: versionConfigurationSchema.parse(given) };
}
