import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { type Decision, type DecisionEvent, versionConfigurationSchema } from '@rlaas/schemas';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ServedPolicy } from '../policies/served-policy.ts';
import { createDecider } from './decider.ts';
import { RecentDecisions } from './recent-decisions.ts';

const configuration = versionConfigurationSchema.parse({
  explorer: { kind: 'epsilon_greedy', epsilon: 0.3 },
});
const declared = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
const active: ServedPolicy = {
  name: 'p',
  configuration: { actions: declared, baseline_exploration: 0.1 },
  active: {
    version: 'v1',
    policy: createLinearPolicy(configuration),
    state: emptyPolicyState(configuration),
    checkpoint: 7,
  },
  degraded: undefined,
};

let served: ServedPolicy | undefined;
let loaded = true;
let clock = 0;
let unlogged = 0;
let diskFull = false;
let written: DecisionEvent[] = [];
let count = 0;
const newId = (): string => `019aadf0-6a00-7c3e-9d2b-${String((count += 1)).padStart(12, '0')}`;
const decider = (recent = new RecentDecisions(() => clock, [])) =>
  createDecider({
    catalogue: {
      find: () => served,
      get loaded() {
        return loaded;
      },
      refresh: async () => undefined,
      start: () => undefined,
      stop: async () => undefined,
    },
    journal: {
      append({ event }) {
        if (diskFull) throw new Error('ENOSPC');
        written.push(event);
      },
    },
    recent,
    now: () => clock,
    newId,
    onUnlogged: () => (unlogged += 1),
  });
const made = (decided: ReturnType<ReturnType<typeof decider>>): Decision => {
  if (!decided.ok) throw new Error(decided.reason);
  return decided.decision;
};

beforeEach(() => {
  served = active;
  loaded = true;
  clock = Date.parse('2026-03-01T00:00:00.000Z');
  unlogged = 0;
  diskFull = false;
  written = [];
});

describe('deciding', () => {
  test('what is answered is what was written down, before it was answered', () => {
    const decision = made(decider()('t', { policy: 'p', context: { x: 1 } }));
    expect(decision).toMatchObject({ policy: 'p', policy_version: 'v1', checkpoint: 7, mode: 'live' });
    expect(written).toHaveLength(1);
    const [event] = written;
    expect(event?.id).toBe(decision.id);
    expect(event?.data.actions[event.data.chosen]?.id).toBe(decision.action);
    expect(event?.data.propensity).toBe(decision.probability);
    expect(event?.data.probabilities?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(decision.ranking.map((entry) => entry.probability)).toEqual(
      decision.ranking.map((entry) => entry.probability).toSorted((a, b) => b - a),
    );
  });

  test('a repeated id gets the same answer within 10 minutes, also from the journal after a restart', () => {
    const id = newId();
    const decide = decider();
    const first = made(decide('t', { id, policy: 'p', context: {} }));
    expect(made(decide('t', { id, policy: 'p', context: { other: 1 } }))).toEqual(first);
    expect(written).toHaveLength(1);
    const [event] = written;
    if (!event) throw new Error('nothing was written');
    const restarted = decider(new RecentDecisions(() => clock, [{ tenantId: 't', event }]));
    expect(made(restarted('t', { id, policy: 'p', context: {} }))).toEqual(first);
    expect(written).toHaveLength(1);
    // Another tenant may use the same id, and after 10 minutes it is a new decision.
    made(decide('another', { id, policy: 'p', context: {} }));
    expect(written).toHaveLength(2);
    clock += 600_001;
    made(decide('t', { id, policy: 'p', context: {} }));
    expect(written).toHaveLength(3);
  });

  test('the same id, input and checkpoint give the same choice in any process', () => {
    const asked = { id: newId(), policy: 'p', context: { x: 1 } };
    const choices = new Set(Array.from({ length: 5 }, () => made(decider()('t', asked)).action));
    expect(choices.size).toBe(1);
  });

  test('while no version is active the baseline plays, explored; the first action is the baseline', () => {
    served = { ...active, active: undefined };
    const decision = made(decider()('t', { policy: 'p', context: {} }));
    expect(decision).toMatchObject({ mode: 'shadow_only', policy_version: null });
    expect(written[0]?.data.probabilities).toEqual([0.9, 0.05, 0.05]);
    made(decider()('t', { policy: 'p', context: {}, actions: [{ id: 'only' }] }));
    expect(written[1]?.data.probabilities).toEqual([1]);
  });

  test('a version that cannot be run, and a journal that cannot be written, give the baseline and say so', () => {
    served = { ...active, active: undefined, degraded: 'version v1 wants explorer cover' };
    expect(made(decider()('t', { policy: 'p', context: {} }))).toMatchObject({
      action: 'a',
      probability: 1,
      mode: 'degraded',
    });
    expect(written).toHaveLength(1);
    served = active;
    diskFull = true;
    const decision = made(decider()('t', { policy: 'p', context: {} }));
    expect(decision).toMatchObject({ action: 'a', probability: 1, mode: 'degraded', policy_version: null });
    expect({ unlogged, written: written.length }).toEqual({ unlogged: 1, written: 1 });
  });

  test('what cannot be decided is told by its reason', () => {
    served = undefined;
    expect(decider()('t', { policy: 'p', context: {} })).toEqual({ ok: false, reason: 'unknown_policy' });
    loaded = false;
    expect(decider()('t', { policy: 'p', context: {} })).toEqual({ ok: false, reason: 'not_loaded' });
    served = { ...active, configuration: { baseline_exploration: 0.1 } };
    expect(decider()('t', { policy: 'p', context: {} })).toMatchObject({
      ok: false,
      reason: 'invalid',
      path: '/actions',
    });
    served = active;
    expect(
      decider()('t', {
        policy: 'p',
        context: {},
        actions: [{ id: 'a' }, { id: 'b', features: { deep: { x: Infinity } } }],
      }),
    ).toMatchObject({ ok: false, path: '/actions/1/features', message: 'deep.x is not a finite number' });
    expect(written).toEqual([]);
  });
});
