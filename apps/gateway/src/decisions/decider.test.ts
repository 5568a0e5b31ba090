import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import {
  type Decide,
  type Decision,
  type DecisionEvent,
  decisionEventSchema,
  decisionSchema,
  policyConfigurationSchema,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type ServedPolicy, type ServedVersion, declaredActions } from '../policies/served-policy.ts';
import { type Decided, type DeciderOptions, createDecider } from './decider.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
const version = (name: string, configuration: object, checkpoint: number | null = 7): ServedVersion => {
  const parsed = versionConfigurationSchema.parse({ learner: { bits: 8 }, ...configuration });
  return { version: name, policy: createLinearPolicy(parsed), model: emptyPolicyState(parsed), checkpoint };
};
const configuration = policyConfigurationSchema.parse({
  actions: [{ id: 'a', description: 'for people' }, { id: 'b', features: { x: 1 } }, { id: 'c' }],
  baseline_exploration: 0.1,
});
const v1 = version('v1', { explorer: { kind: 'epsilon_greedy', epsilon: 0.3 }, minimum_probability: 0.1 });
const active: ServedPolicy = {
  name: 'p',
  configuration,
  declared: declaredActions(configuration),
  versions: new Set(['v1']),
  active: v1,
  canary: undefined,
  besideBaseline: false,
  shadows: [],
  degraded: undefined,
  isReplaced: false,
};

let served: ServedPolicy | undefined;
let loaded = true;
let clock = START;
let unlogged = 0;
let failedScoring = 0;
let diskFull = false;
let written: DecisionEvent[] = [];
let count = 0;
const newId = (): string => `019ca6bc-5400-7c3e-9d2b-${String((count += 1)).padStart(12, '0')}`;
const decider = (options: Partial<DeciderOptions> = {}) => {
  const texts = new Map<string, string>();
  return createDecider({
    catalogue: {
      find: () => served,
      get loaded() {
        return loaded;
      },
    },
    journal: {
      async append(tenantId, id, text) {
        if (diskFull) throw new Error('ENOSPC');
        texts.set(`${tenantId}/${id}`, text);
        written.push(decisionEventSchema.parse(JSON.parse(text)));
      },
      find: (tenantId, id) => texts.get(`${tenantId}/${id}`),
    },
    journalFull: 'refuse',
    now: () => clock,
    newId,
    onDecided: () => undefined,
    onUnlogged: () => (unlogged += 1),
    onFailedScoring: () => (failedScoring += 1),
    ...options,
  });
};
const made = async (decided: Promise<Decided>): Promise<Decision> => {
  const answer = await decided;
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return decisionSchema.strict().parse(JSON.parse(answer.text));
};
const last = (): DecisionEvent => {
  const event = written.at(-1);
  if (!event) throw new Error('nothing was written');
  return event;
};

beforeEach(() => {
  served = active;
  loaded = true;
  clock = START;
  unlogged = 0;
  failedScoring = 0;
  diskFull = false;
  written = [];
});

describe('deciding', () => {
  test('what is answered is what was written down, before it was answered', async () => {
    const decision = await made(
      decider()('t', { policy: 'p', context: { x: 1 }, external_id: 'é"1', episode_id: 'e', deferred: true }),
    );
    expect(decision).toMatchObject({ policy: 'p', policy_version: 'v1', checkpoint: 7, mode: 'live' });
    expect(written).toHaveLength(1);
    const { id, data, ...envelope } = last();
    expect(envelope).toMatchObject({
      occurred_at: '2026-03-01T00:00:00.000Z',
      external_id: 'é"1',
      episode_id: 'e',
      policy: 'p',
      source: 'gateway',
    });
    expect(id).toBe(decision.id);
    expect(data.actions).toEqual([{ id: 'a' }, { id: 'b', features: { x: 1 } }, { id: 'c' }]);
    expect(data.actions[data.chosen]?.id).toBe(decision.action);
    expect(data.propensity).toBe(decision.probability);
    expect(data).toMatchObject({ context: { x: 1 }, deferred: true });
    expect(data.probabilities?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(decision.ranking.map((entry) => entry.probability)).toEqual(
      decision.ranking.map((entry) => entry.probability).toSorted((a, b) => b - a),
    );
  });

  test('a repeated id gets the answer that was recorded, whatever else is asked', async () => {
    const id = newId();
    const decide = decider();
    const first = await decide('t', { id, policy: 'p', context: {}, excluded: ['c'] });
    expect(await decide('t', { id, policy: 'p', context: { other: 1 } })).toEqual(first);
    expect(written).toHaveLength(1);
    // That of another policy is not its answer.
    expect(await decide('t', { id, policy: 'q' })).toEqual({ ok: false, reason: 'id_taken' });
    // Another tenant may use the same id.
    await made(decide('another', { id, policy: 'p' }));
    expect(written).toHaveLength(2);
  });

  test('the same id, input and checkpoint give the same choice in any process; an external id draws by itself', async () => {
    const choices = async (asked: Decide) => {
      const actions = new Set<string>();
      for (let i = 0; i < 5; i += 1) actions.add((await made(decider()('t', asked))).action);
      return [...actions];
    };
    expect(await choices({ id: newId(), policy: 'p', context: { x: 1 } })).toHaveLength(1);
    expect(await choices({ policy: 'p', external_id: 'draft-1' })).toHaveLength(1);
    const byId = new Set<string>();
    for (let i = 0; i < 100; i += 1) byId.add((await made(decider()('t', { policy: 'p' }))).action);
    expect(byId.size).toBe(3);
  });

  test('what is excluded is never chosen, has probability 0, and says why', async () => {
    for (let i = 0; i < 50; i += 1) {
      const decision = await made(decider()('t', { policy: 'p', excluded: ['a'] }));
      expect(decision.action).not.toBe('a');
      expect(decision.ranking.at(-1)).toEqual({ id: 'a', probability: 0, excluded: true });
    }
    expect(last().data).toMatchObject({ excluded: ['a'], probabilities: [0, 0.5, 0.5] });
  });

  test('while no version is active the baseline plays, explored; it is the first that is not excluded', async () => {
    served = { ...active, active: undefined };
    expect(await made(decider()('t', { policy: 'p' }))).toMatchObject({
      mode: 'shadow_only',
      policy_version: null,
    });
    expect(last().data.probabilities).toEqual([0.9, 0.05, 0.05]);
    await made(decider()('t', { policy: 'p', excluded: ['a'] }));
    expect(last().data.probabilities).toEqual([0, 0.9, 0.1]);
    await made(decider()('t', { policy: 'p', actions: [{ id: 'only' }] }));
    expect(last().data.probabilities).toEqual([1]);
  });

  test('versions in shadow are logged, under the exploration of what decides', async () => {
    const shadows = [
      version('greedy', { explorer: { kind: 'epsilon_greedy', epsilon: 0 }, minimum_probability: 0 }, null),
      version('covering', { explorer: { kind: 'cover' } }, 3),
      version('told', { explorer: { kind: 'fixed', probabilities: { b: 1 } }, minimum_probability: 0 }),
    ];
    served = { ...active, shadows };
    await made(decider()('t', { policy: 'p', context: { x: 1 } }));
    // All scores are 0, so the incumbent's ε is all there is; nobody looks better by exploring less.
    const equal = [expect.closeTo(1 / 3), expect.closeTo(1 / 3), expect.closeTo(1 / 3)];
    expect(last().data.shadow).toEqual([
      { version: 'greedy', checkpoint: null, probabilities: equal },
      { version: 'covering', checkpoint: 3, probabilities: equal },
      { version: 'told', checkpoint: 7, probabilities: [0, 1, 0] },
    ]);
    served = { ...active, active: undefined, shadows };
    await made(decider()('t', { policy: 'p', context: { x: 1 }, excluded: ['a'] }));
    expect(last().data.shadow).toEqual([
      { version: 'greedy', checkpoint: null, probabilities: [0, 0.9, 0.1] },
      { version: 'covering', checkpoint: 3, probabilities: [0, 0.9, 0.1] },
      { version: 'told', checkpoint: 7, probabilities: [0, 1, 0] },
    ]);
  });

  describe('while a version is under test', () => {
    const candidate = version('v2', {
      explorer: { kind: 'fixed', probabilities: { c: 1 } },
      minimum_probability: 0,
    });
    const canary = { version: candidate, share: 0.25, salt: 'salt' };
    const many = async (times: number, asked: Partial<Decide> = {}) => {
      const decide = decider();
      const decisions: DecisionEvent[] = [];
      for (let i = 0; i < times; i += 1) {
        await made(decide('t', { policy: 'p', ...asked }));
        decisions.push(last());
      }
      return decisions;
    };

    test('it gets its share, and what both would do is logged with every decision', async () => {
      served = { ...active, canary };
      const decisions = await many(400);
      const ofCandidate = decisions.filter(({ data }) => data.policy_version === 'v2');
      expect(ofCandidate.length).toBeGreaterThan(70);
      expect(ofCandidate.length).toBeLessThan(130);
      expect(ofCandidate[0]?.data).toMatchObject({
        mode: 'canary',
        version_share: 0.25,
        probabilities: [0, 0, 1],
        chosen: 2,
        propensity: 1,
        shadow: [{ version: 'v1', checkpoint: 7, share: 0.75, probabilities: expect.any(Array) }],
      });
      expect(decisions.find(({ data }) => data.policy_version === 'v1')?.data).toMatchObject({
        mode: 'live',
        version_share: 0.75,
        shadow: [{ version: 'v2', checkpoint: 7, share: 0.25, probabilities: [0, 0, 1] }],
      });
    });

    test('the explored baseline is a version like any other', async () => {
      served = { ...active, active: undefined, canary };
      const decisions = await many(100);
      const one = decisions.find(({ data }) => data.policy_version === 'v2');
      expect(one?.data.shadow).toEqual([
        { version: 'baseline', checkpoint: null, share: 0.75, probabilities: [0.9, 0.05, 0.05] },
      ]);
      const other = decisions.find(({ data }) => data.policy_version === null);
      expect(other?.data).toMatchObject({ mode: 'shadow_only', version_share: 0.75 });
      served = { ...active, besideBaseline: true };
      await many(1);
      expect(last().data.shadow).toEqual([
        { version: 'baseline', checkpoint: null, probabilities: [0.9, 0.05, 0.05] },
      ]);
    });

    test('an episode keeps its version and its share, and larger shares keep those that had it', async () => {
      served = { ...active, canary };
      const decide = decider();
      const assigned = async (episode: string) => {
        await made(decide('t', { policy: 'p', episode_id: episode }));
        return { by: last().data.policy_version, share: last().data.version_share };
      };
      const names = Array.from({ length: 60 }, (_, index) => `e${index}`);
      const before: unknown[] = [];
      for (const name of names) before.push(await assigned(name));
      served = { ...active, canary: { ...canary, share: 0.5 } };
      const after: unknown[] = [];
      for (const name of names) after.push(await assigned(name));
      expect(after).toEqual(before);
      // A gateway that knows nothing of them gives all that had the candidate the candidate.
      const fresh = decider();
      const lost: string[] = [];
      for (const [index, name] of names.entries()) {
        await made(fresh('t', { policy: 'p', episode_id: name }));
        const had = (before[index] as { by: string }).by === 'v2';
        if (had && last().data.policy_version !== 'v2') lost.push(name);
      }
      expect(lost).toEqual([]);
    });

    test('one that fails gives way, and that is logged', async () => {
      const failing: ServedVersion = {
        ...candidate,
        policy: {
          ...candidate.policy,
          decide() {
            throw new Error('a bug');
          },
        },
      };
      served = { ...active, canary: { ...canary, version: failing } };
      const decisions = await many(100);
      const failed = decisions.filter(({ data }) => data.failed_version === 'v2');
      expect(failed.length).toBeGreaterThan(10);
      expect(failed[0]?.data).toMatchObject({ mode: 'live', policy_version: 'v1', version_share: 0.75 });
      expect(decisions.every(({ data }) => data.policy_version === 'v1')).toBe(true);
      // On the turns of the other one it failed as often, and both turns have to look the same.
      const beside = decisions.filter(({ data }) => data.failed_beside === 'v2');
      expect(failed.length + beside.length).toBe(100);
      expect(beside[0]?.data).toMatchObject({ mode: 'live', policy_version: 'v1', version_share: 0.75 });
    });
  });

  test('a version that cannot be loaded, and one that fails to score, give the baseline and say so', async () => {
    served = { ...active, active: undefined, degraded: 'version v1 cannot be loaded' };
    const degraded = { action: 'a', probability: 1, mode: 'degraded', policy_version: null };
    expect(await made(decider()('t', { policy: 'p' }))).toMatchObject(degraded);
    expect(last().data).not.toHaveProperty('failed_version');
    // Where the version before decides in its place the traffic is not shared: it is not the one that the candidate is tested against.
    served = { ...active, isReplaced: true, canary: { version: version('v3', {}), share: 0.999, salt: 's' } };
    expect(await made(decider()('t', { policy: 'p' }))).toMatchObject({ policy_version: 'v1', mode: 'live' });
    expect(last().data).not.toHaveProperty('version_share');
    const broken: ServedVersion = {
      ...v1,
      policy: {
        ...v1.policy,
        decide() {
          throw new Error('a bug');
        },
      },
    };
    served = { ...active, active: broken, shadows: [v1] };
    expect(await made(decider()('t', { policy: 'p' }))).toMatchObject(degraded);
    expect(last().data).toMatchObject({ mode: 'degraded', propensity: 1, failed_version: 'v1' });
    expect(failedScoring).toBe(1);
  });

  test('what cannot be logged is the baseline, marked and counted; or nothing, where that is wanted', async () => {
    diskFull = true;
    expect(await made(decider()('t', { policy: 'p', excluded: ['a'] }))).toMatchObject({
      action: 'b',
      probability: 1,
      mode: 'degraded',
      policy_version: null,
    });
    expect(await decider({ journalFull: 'stop' })('t', { policy: 'p' })).toEqual({
      ok: false,
      reason: 'unlogged',
    });
    expect({ unlogged, written: written.length }).toEqual({ unlogged: 2, written: 0 });
  });

  test('what cannot be decided is told by its reason and place', async () => {
    const refusal = async (asked: Partial<Decide>) => decider()('t', { policy: 'p', ...asked });
    served = undefined;
    expect(await refusal({})).toEqual({ ok: false, reason: 'unknown_policy' });
    loaded = false;
    expect(await refusal({})).toEqual({ ok: false, reason: 'not_loaded' });
    served = { ...active, declared: undefined };
    expect(await refusal({})).toMatchObject({ reason: 'invalid', path: '/actions' });
    served = active;
    expect(await refusal({ excluded: ['a', 'nobody'] })).toMatchObject({ path: '/excluded/1' });
    expect(await refusal({ excluded: ['a', 'b', 'c', 'a'] })).toMatchObject({ path: '/excluded' });
    expect(await refusal({ id: '019ca6ff-0000-7c3e-9d2b-000000000000' })).toMatchObject({
      path: '/id',
      message: expect.stringContaining('ahead'),
    });
    expect(await refusal({ id: '019c0000-0000-7c3e-9d2b-000000000000' })).toMatchObject({
      path: '/id',
      message: expect.stringContaining('a day ago'),
    });
    const many = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, 1]));
    const listed = Array.from({ length: 3 }, (_, i) => ({ id: `a${i}`, features: many(2_000) }));
    expect(await refusal({ context: many(2_000), actions: listed })).toMatchObject({ path: '/context' });
    expect(await refusal({ context: { text: 'ü'.repeat(600_000) } })).toEqual({
      ok: false,
      reason: 'too_large',
    });
    expect(written).toEqual([]);
  });
});

describe('a sticky episode', () => {
  const asked: Decide = { policy: 'p', episode_id: 'ticket-1', sticky: 'episode' };

  test('plays again what its first decision played, and says of which it is a repeat', async () => {
    const decide = decider();
    const first = await made(decide('t', asked));
    expect(last().data).toMatchObject({ sticky: 'episode' });
    expect(last().data).not.toHaveProperty('sticky_of');
    for (let i = 0; i < 20; i += 1) {
      const again = await made(decide('t', { ...asked, context: { n: i } }));
      expect(again).toMatchObject({ action: first.action, probability: 1, sticky_of: first.id });
      expect(last().data).toMatchObject({ sticky_of: first.id, propensity: 1, policy_version: 'v1' });
    }
  });

  test('draws anew when that action may not be chosen any more; the draw follows from the episode', async () => {
    const decide = decider();
    const first = await made(decide('t', asked));
    const others = await made(decide('t', { ...asked, excluded: [first.action] }));
    expect(others).not.toHaveProperty('sticky_of');
    // Only for that once.
    expect((await made(decide('t', asked))).action).toBe(first.action);
    // Another gateway, which does not know the first decision, draws the same.
    expect((await made(decider()('t', asked))).action).toBe(first.action);
    const actions = new Set<string>();
    for (let i = 0; i < 50; i += 1) {
      actions.add((await made(decide('t', { ...asked, episode_id: `ticket-${i}` }))).action);
    }
    expect(actions.size).toBe(3);
  });

  test('does not play what was taken away, but draws anew and holds on to that', async () => {
    const decide = decider();
    const first = await made(decide('t', asked));
    served = { ...active, versions: new Set(['v1', 'v2']), active: version('v2', {}) };
    expect(await made(decide('t', asked))).toMatchObject({ sticky_of: first.id, policy_version: 'v1' });
    served = { ...served, versions: new Set(['v2']) };
    const second = await made(decide('t', asked));
    expect(second).toMatchObject({ policy_version: 'v2' });
    expect(second).not.toHaveProperty('sticky_of');
    expect(await made(decide('t', asked))).toMatchObject({ sticky_of: second.id, policy_version: 'v2' });
    served = { ...active, versions: new Set(), active: undefined };
    expect(await made(decide('t', asked))).toMatchObject({ policy_version: null, mode: 'shadow_only' });
  });

  test('does not hold on to what was not logged', async () => {
    const decide = decider();
    diskFull = true;
    await made(decide('t', asked));
    diskFull = false;
    expect(await made(decide('t', asked))).not.toHaveProperty('sticky_of');
  });
});

test('for any actions, exclusions and explorer: a distribution over what is allowed, drawn as it is logged', async () => {
  const explorers = ['epsilon_greedy', 'softmax', 'squarecb', 'bagging', 'cover', 'thompson'] as const;
  const decide = decider();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...explorers),
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme' }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.array(fc.nat(11), { maxLength: 11 }),
      fc.dictionary(
        fc.string({ minLength: 1, maxLength: 4 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      async (kind, ids, picks, context) => {
        served = { ...active, active: version('v', { explorer: { kind } }), shadows: [v1] };
        const excluded = [...new Set(picks.flatMap((index) => ids[index] ?? []))].slice(0, ids.length - 1);
        const decision = await made(
          decide('t', { policy: 'p', context, actions: ids.map((id) => ({ id })), excluded }),
        );
        const { data } = last();
        const probabilities = data.probabilities ?? [];
        expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-9);
        const least = 0.01 / (ids.length - excluded.length);
        for (const [index, id] of ids.entries()) {
          const p = probabilities[index] ?? 0;
          expect(excluded.includes(id) ? p === 0 : p >= least - 1e-12).toBe(true);
        }
        expect(excluded).not.toContain(decision.action);
        expect(data.propensity).toBe(decision.probability);
        expect(probabilities[data.chosen]).toBe(decision.probability);
      },
    ),
    { numRuns: 150 },
  );
});
