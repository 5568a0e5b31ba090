import { expect, test } from 'vitest';
import { mistakes } from '../../test/mistakes.ts';
import { type DecisionData, decisionDataSchema } from './decision.ts';

const OTHER = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const data: DecisionData = {
  context: { language: 'en' },
  actions: [{ id: 'a' }, { id: 'b', features: { words: 60 } }, { id: 'c' }],
  probabilities: [0.25, 0.75, 0],
  chosen: 1,
  propensity: 0.75,
  policy_version: 'v1',
  checkpoint: 0,
  mode: 'canary',
  version_share: 0.1,
  shadow: [{ version: 'v2', probabilities: [1, 0, 0] }],
  deferred: true,
  excluded: ['c'],
  sticky_of: OTHER,
  group_id: OTHER,
  supersedes: OTHER,
  latency_ms: 0,
};

test.each<object>([
  {},
  { probabilities: undefined, propensity: 0.3 },
  { policy_version: null, checkpoint: null, mode: 'baseline' },
  { probabilities: [0.25 + 4e-7, 0.75, 0], propensity: 0.75 - 4e-7 },
  { actions: [{ id: 'a' }], probabilities: [1], chosen: 0, propensity: 1, shadow: [], excluded: [] },
])('is valid with %j', (change) => {
  expect(mistakes(decisionDataSchema, { ...data, ...change })).toEqual([]);
});

test('a thousand equal probabilities sum to 1', () => {
  const actions = Array.from({ length: 1000 }, (_, index) => ({ id: `a${index}` }));
  const many = {
    ...data,
    actions,
    probabilities: actions.map(() => 0.001),
    propensity: 0.001,
    shadow: undefined,
    excluded: undefined,
  };
  expect(mistakes(decisionDataSchema, many)).toEqual([]);
  expect(mistakes(decisionDataSchema, { ...many, actions: [...actions, { id: 'one-more' }] })).toEqual([
    '/actions must have at most 1000 items',
  ]);
});

test.each<[object, string]>([
  [{ context: undefined }, '/context is required'],
  [{ context: 'en' }, '/context must be an object'],
  [
    { context: { a: ['x'] } },
    '/context/a must be a finite number, a string, true, false, null, a list of numbers, or an object of these',
  ],
  [{ context: { '': 1 } }, '/context/ must have a name that is not empty'],
  [{ actions: [] }, '/actions must have at least 1 item'],
  [{ actions: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] }, '/actions/2/id must be unique within the decision'],
  [{ actions: [{ id: '' }] }, '/actions/0/id must not be empty'],
  [{ actions: [{ id: 'a', weight: 1 }] }, '/actions/0 has unknown members: "weight"'],
  [
    { probabilities: [0.25, 0.75] },
    '/probabilities must have one probability for each of the 3 actions, not 2',
  ],
  [{ probabilities: [0.25, 0.75, 0.5] }, '/probabilities must sum to 1, not 1.5'],
  [{ probabilities: [0.25, 0.75 + 2e-6, 0] }, '/probabilities must sum to 1, not 1.000002'],
  [{ probabilities: [-0.25, 1, 0.25] }, '/probabilities/0 must be at least 0'],
  [{ probabilities: [1.5, 0, 0] }, '/probabilities/0 must be at most 1'],
  [{ probabilities: [] }, '/probabilities must have at least 1 item'],
  [{ probabilities: null }, '/probabilities must be a list'],
  [{ chosen: 3 }, '/chosen must be the index of an action, less than 3'],
  [{ chosen: -1 }, '/chosen must be at least 0'],
  [{ chosen: 0.5 }, '/chosen must be a whole number'],
  [{ propensity: 0.25 }, '/propensity must be the probability of the chosen action, 0.75'],
  [{ propensity: 0 }, '/propensity must be greater than 0'],
  [{ propensity: 1.1 }, '/propensity must be at most 1'],
  [{ propensity: '0.75' }, '/propensity must be a finite number'],
  [{ propensity: Number.NaN }, '/propensity must be a finite number'],
  [{ policy_version: undefined }, '/policy_version is required'],
  [{ checkpoint: -1 }, '/checkpoint must be at least 0'],
  [{ mode: 'lucky' }, '/mode must be one of live, canary, shadow_only, baseline, degraded'],
  [{ version_share: 0 }, '/version_share must be greater than 0'],
  [
    { shadow: Array.from({ length: 6 }, () => ({ version: 'v', probabilities: [1, 0, 0] })) },
    '/shadow must have at most 5 items',
  ],
  [
    { shadow: [{ version: 'v2', probabilities: [1] }] },
    '/shadow/0/probabilities must have one probability for each of the 3 actions, not 1',
  ],
  [{ shadow: [{ version: 'v2' }] }, '/shadow/0/probabilities is required'],
  [{ deferred: 'yes' }, '/deferred must be true or false'],
  [{ excluded: ['d'] }, '/excluded/0 must be the id of a listed action'],
  [{ excluded: ['c', 'b'] }, '/excluded/1 must not be the chosen action'],
  [{ sticky_of: 'x' }, '/sticky_of must be a UUIDv7 in lower case'],
  [{ latency_ms: -1 }, '/latency_ms must be at least 0'],
])('is refused with %j', (change, mistake) => {
  expect(mistakes(decisionDataSchema, { ...data, ...change })).toEqual([mistake]);
});
