import { isDeepStrictEqual } from 'node:util';
import {
  type PolicyFile,
  type VersionStatus,
  policyConfigurationSchema,
  readPolicyFile,
  versionConfigurationSchema,
  versionStatuses,
  rewardSpecificationSchema,
} from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockersOf, planPolicy, stepsOf } from './plan.ts';
import type { PolicyState, Step } from './policy-server.ts';
import { showPlan } from './show-plan.ts';

const AT = '2026-03-01T09:30:00.000Z';
const EMPTY: PolicyState = { policy: undefined, reward: undefined, versions: [] };
const reward = rewardSpecificationSchema.parse({
  range: [0, 1],
  window: { after: '24h', grace: '10m' },
  inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first' } },
  value: 'e.sent',
  default: { value: 0 },
});

function fileOf(content: object): PolicyFile {
  const read = readPolicyFile({ policy: 'p', ...content });
  if (!read.ok) throw new Error(read.mistakes.map((mistake) => mistake.message).join('\n'));
  return read.file;
}

/** The API would answer 409. */
function accept(expected: boolean): void {
  if (!expected) throw new Error('the step would be refused');
}

/** What an installation has after a step, as the API promises it; the API itself is tried end to end. */
function after(state: PolicyState, step: Step): PolicyState {
  const source = 'yaml' as const;
  if (step.kind === 'reward') {
    accept((state.reward?.version ?? 0) === step.expected);
    const version = step.expected + 1;
    return {
      ...state,
      reward: { policy: 'p', version, definition: step.definition, source, created_at: AT },
    };
  }
  if (step.kind === 'policy') {
    accept(state.policy?.etag === step.etag);
    const { configuration } = step;
    const value = { name: 'p', configuration, source, created_at: AT, updated_at: AT };
    return { ...state, policy: { value, etag: JSON.stringify(configuration) } };
  }
  if (step.kind === 'version') {
    accept(state.policy !== undefined);
    const made = {
      policy: 'p',
      name: step.version,
      status: 'draft' as const,
      configuration: step.configuration,
      source,
      created_at: AT,
      pinned_checkpoint: null,
    };
    return { ...state, versions: [...state.versions, made] };
  }
  accept(state.versions.filter(({ status }) => status === 'shadow').length < 3);
  return {
    ...state,
    versions: state.versions.map((version) => {
      if (version.name !== step.version) return version;
      accept(version.status === 'draft');
      return Object.assign({}, version, { status: 'shadow' });
    }),
  };
}
const applied = (file: PolicyFile, state: PolicyState): PolicyState =>
  stepsOf(planPolicy(file, state, false)).reduce(after, state);

const names = fc.constantFrom('v0', 'v1', 'v2', 'v3', 'v4', 'v5');
const explorer = fc.constantFrom(
  { kind: 'epsilon_greedy', epsilon: 0.2 },
  { kind: 'fixed', probabilities: { a: 1 } },
  { kind: 'fixed', probabilities: { b: 0.5, c: 0.5 } },
);
const version = fc.record(
  {
    name: names,
    shadow: fc.boolean(),
    explorer,
    minimum_probability: fc.constantFrom(0, 0.01, 0.1),
    description: fc.string(),
  },
  { requiredKeys: ['name'] },
);
const content = fc
  .record(
    {
      description: fc.string(),
      actions: fc
        .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
        .map((ids) => ids.map((id) => ({ id }))),
      baseline_exploration: fc.double({ min: 0, max: 1, noNaN: true }),
      reward: fc.constantFrom(reward, { ...reward, default: { value: 0.5 } }),
      versions: fc.uniqueArray(version, { selector: ({ name }) => name }),
    },
    { requiredKeys: [] },
  )
  .filter((made) => readPolicyFile({ policy: 'p', ...made }).ok)
  .map(fileOf);
const aged = (
  state: PolicyState,
  statuses: VersionStatus[],
  sources: ('api' | 'yaml' | 'seed')[],
): PolicyState => {
  const [first = 'yaml', second = 'yaml'] = sources;
  return {
    policy: state.policy && {
      ...state.policy,
      value: { ...state.policy.value, source: first },
    },
    reward: state.reward && { ...state.reward, source: second },
    versions: state.versions.map((one, index) =>
      // At most three in shadow, as there can be.
      Object.assign({}, one, { status: statuses[index] ?? one.status }),
    ),
  };
};

describe('for any file and any state of an installation', () => {
  test('what is planned and done leaves nothing to do, and a plan that is refused has no steps for what it refuses', () => {
    let done = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        content,
        content,
        fc.array(fc.constantFrom(...versionStatuses.filter((status) => status !== 'shadow')), {
          maxLength: 6,
        }),
        fc.array(fc.constantFrom('api' as const, 'yaml' as const, 'seed' as const), { maxLength: 2 }),
        fc.boolean(),
        (earlier, file, statuses, sources, overwrite) => {
          const before = aged(applied(earlier, EMPTY), statuses, sources);
          const plan = planPolicy(file, before, overwrite);
          expect(showPlan(plan, 'p.yaml').split('\n').length).toBeGreaterThan(1);
          const blockers = blockersOf(plan);
          expect(blockers.flatMap((item) => item.steps)).toEqual([]);
          if (blockers.length > 0) {
            refused += 1;
            return;
          }
          const now = stepsOf(plan).reduce(after, before);
          const second = planPolicy(file, now, false);
          expect([stepsOf(second), blockersOf(second)]).toEqual([[], []]);
          expect(isDeepStrictEqual(now.policy?.value.configuration, file.configuration)).toBe(true);
          done += 1;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(done).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(300);
  });

  test('a run that broke off anywhere is finished by the next', () => {
    fc.assert(
      fc.property(content, fc.nat(20), (file, stop) => {
        const plan = planPolicy(file, EMPTY, false);
        fc.pre(blockersOf(plan).length === 0);
        const cut = stepsOf(plan).slice(0, stop).reduce(after, EMPTY);
        const rest = planPolicy(file, cut, false);
        expect(blockersOf(rest)).toEqual([]);
        expect(stepsOf(rest).reduce(after, cut)).toEqual(stepsOf(plan).reduce(after, EMPTY));
      }),
    );
  });

  test('versions that the file does not name stay as they are', () => {
    fc.assert(
      fc.property(content, content, (earlier, file) => {
        const before = applied(earlier, EMPTY);
        const now = applied(file, before);
        const named = new Set(file.versions.map(({ name }) => name));
        const others = (state: PolicyState) => state.versions.filter(({ name }) => !named.has(name));
        expect(others(now)).toEqual(others(before));
      }),
    );
  });
});

describe('a plan', () => {
  const file = fileOf({ reward, versions: [{ name: 'v0', shadow: true }] });
  const there = applied(file, EMPTY);
  const actions = (state: PolicyState, overwrite = false, of = file) =>
    planPolicy(of, state, overwrite).items.map(({ what, action }) => `${what} ${action}`);

  test('saves the reward before the policy, whose decisions would get none otherwise', () => {
    expect(stepsOf(planPolicy(file, EMPTY, false)).map(({ kind }) => kind)).toEqual([
      'reward',
      'policy',
      'version',
      'shadow',
    ]);
  });

  test('shows what was changed through the API, and changes it back only when told to', () => {
    const configuration = policyConfigurationSchema.parse({ baseline_exploration: 0.5 });
    const value = { name: 'p', configuration, source: 'api' as const, created_at: AT, updated_at: AT };
    const drifted = { ...there, policy: { value, etag: 'x' } };
    expect(actions(drifted)).toEqual(['reward unchanged', 'policy drift', 'version unchanged']);
    expect(showPlan(planPolicy(file, drifted, false), 'p.yaml')).toBe(`policy p (p.yaml)
  = reward: unchanged
  ! configuration: drift (it was changed through the API ${AT}; take the change into the file, or say --overwrite)
      ~ /baseline_exploration: 0.5 → 0.1
  = version v0: unchanged (shadow)`);
    expect(actions(drifted, true)).toEqual(['reward unchanged', 'policy change', 'version unchanged']);
    expect(stepsOf(planPolicy(file, drifted, true))).toMatchObject([{ kind: 'policy', etag: 'x' }]);
    // The same content is no drift, wherever it came from.
    const same = { ...there, policy: { value: { ...value, configuration: file.configuration }, etag: 'x' } };
    expect(actions(same)).toEqual(['reward unchanged', 'policy unchanged', 'version unchanged']);
  });

  test('refuses to change a version, also when told to overwrite', () => {
    const other = fileOf({ reward, versions: [{ name: 'v0', minimum_probability: 0.2 }] });
    expect(actions(there, true, other)).toContain('version conflict');
  });

  test('puts no fourth version into shadow', () => {
    const four = fileOf({ versions: ['a', 'b', 'c', 'd'].map((name) => ({ name, shadow: true })) });
    expect(actions(EMPTY, false, four)).toEqual([
      'policy create',
      'version create',
      'version create',
      'version create',
      'version conflict',
    ]);
  });

  test('says what cannot be evaluated, and what cannot be learned from', () => {
    const blind = fileOf({ baseline_exploration: 0, versions: [{ name: 'v0', minimum_probability: 0 }] });
    const { notes } = planPolicy(blind, EMPTY, false);
    expect(notes).toHaveLength(3);
    expect(notes.join('\n')).toMatch(
      /no reward[^]*baseline_exploration is 0[^]*minimum_probability of v0 is 0/,
    );
  });

  test('keeps the actions that a version elsewhere needs', () => {
    const configuration = versionConfigurationSchema.parse({
      explorer: { kind: 'fixed', probabilities: { gone: 1 } },
    });
    const own = {
      policy: 'p',
      name: 'x',
      status: 'draft' as const,
      source: 'api' as const,
      created_at: AT,
      pinned_checkpoint: null,
    };
    const state = { ...there, versions: [{ ...own, configuration }] };
    const listing = fileOf({ actions: [{ id: 'a' }], reward });
    expect(actions(state, true, listing)).toEqual([
      'reward unchanged',
      'policy conflict',
      'version not_in_file',
    ]);
  });
});
