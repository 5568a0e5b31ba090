import { expect, test } from 'vitest';
import { readPolicyFile } from './policy-file.ts';
import { rolloutSettingsSchema } from './rollouts/rollout-settings.ts';

const good = {
  policy: 'support-draft',
  actions: [{ id: 'template' }, { id: 'concise', features: { sentences: 3 } }],
  reward: {
    range: [0, 1],
    window: { after: '24h', grace: '10m' },
    inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first' } },
    value: 'e.sent',
    default: { value: 0 },
  },
  versions: [
    { name: 'v0', shadow: true },
    { name: 'v1', explorer: { kind: 'fixed', probabilities: { template: 0.5, concise: 0.5 } } },
  ],
};
const messages = (value: unknown): string[] => {
  const read = readPolicyFile(value);
  return read.ok ? [] : read.mistakes.map((mistake) => mistake.message);
};

test('what is not said has its default', () => {
  const read = readPolicyFile(good);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  expect(read.file.configuration).toEqual({
    actions: good.actions,
    baseline_exploration: 0.1,
    rollout: rolloutSettingsSchema.parse({}),
  });
  expect(read.file.versions.map(({ name, shadow }) => [name, shadow])).toEqual([
    ['v0', true],
    ['v1', false],
  ]);
  expect(read.file.versions[0]?.configuration).toMatchObject({
    explorer: { kind: 'squarecb', gamma_scale: 10 },
    minimum_probability: 0.01,
  });
});

test('all mistakes are told at once, each with its place and what to do', () => {
  expect(
    messages({
      ...good,
      polcy: 'x',
      baseline_exploration: 2,
      actions: [{ id: 'a', desciption: 'x' }, { id: 'a' }],
      reward: { ...good.reward, range: [1, 0], window: { after: '1h30m' } },
      versions: [
        { name: 'v0', minimum_probability: 0.001, explorer: { kind: 'squarecb', gama_scale: 1 } },
        { name: 'v0', explorer: { kind: 'squarcb' }, learner: { bits: 99, estimater: 'ips' } },
      ],
    }),
  ).toEqual([
    'actions[0].desciption is not known here; did you mean "description"?',
    'actions[1].id must be unique: "a" is there before',
    'baseline_exploration must be at most 1',
    'reward.range must be the least value and a larger one',
    'reward.window.after must be a number and one unit: 250ms, 90s, 10m, 72h, 7d',
    'reward.window.grace is required',
    'versions[0].explorer.gama_scale is not known here; did you mean "gamma_scale"?',
    'versions[0].minimum_probability must be at least 0.01, or 0, and then nothing can be evaluated from what is logged',
    'versions[1].explorer.kind must be one of epsilon_greedy, softmax, squarecb, bagging, cover, thompson, fixed',
    'versions[1].learner.bits must be at most 24',
    'versions[1].learner.estimater is not known here; did you mean "estimator"?',
    'polcy is not known here; did you mean "policy"?',
    'versions[1].name must be unique: "v0" is there before',
  ]);
});

test('a name that is near nothing is answered with those that there are', () => {
  expect(messages({ ...good, versions: [{ name: 'v0', whatever: 1 }] })).toEqual([
    'versions[0].whatever is not known here; known are name, shadow, description, explorer, minimum_probability, learner',
  ]);
});

test('fixed probabilities name actions of the policy, where it declares them', () => {
  const versions = [{ name: 'v1', explorer: { kind: 'fixed', probabilities: { templat: 0.5, zzz: 0.5 } } }];
  expect(messages({ ...good, versions })).toEqual([
    'versions[0].explorer.probabilities.templat is no action of the policy; did you mean "template"?',
    'versions[0].explorer.probabilities.zzz is no action of the policy; declare it, or leave it out',
  ]);
  expect(messages({ ...good, actions: undefined, versions })).toEqual([]);
});

test('the default reward lies within the range', () => {
  expect(messages({ ...good, reward: { ...good.reward, default: { value: -1 } } })).toEqual([
    'reward.default.value must be within the range',
  ]);
});

test('anything that is no object is told so', () => {
  for (const value of [null, 1, 'x', []]) expect(messages(value)).toEqual(['the file must be an object']);
  expect(messages({})).toEqual(['policy is required']);
});
