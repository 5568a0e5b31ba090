import { createDatabase, newId } from '@rlaas/database';
import {
  type DecisionData,
  type RolloutDetails,
  policyConfigurationSchema,
  rolloutSettingsSchema,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import { createRolloutWorker } from '../src/rollouts/rollout-worker.ts';
import { type RolloutOutcome, createRollouts } from '../src/rollouts/rollouts.ts';
import { type WrittenDecision, numbers, writeHistory } from './support/history.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 8,
  applicationName: 'rollouts',
  onIdleError: () => undefined,
});
afterAll(() => database.close());

const WINDOW_MS = 60_000;
const SETTINGS = { canary_steps: [0.25, 0.5], dwell: '1m', least_rewards: 50 };
let clock = Date.now() - 6 * 3_600_000;
const now = () => clock;
const failures: unknown[] = [];
const worker = () =>
  createRolloutWorker({
    database,
    now,
    onMoved: () => undefined,
    onFailure: (_, error) => failures.push(error),
  });
const rollouts = createRollouts({ database, now });
const policies = createPolicies({ database, now });

let policy = '';
let made = 0;
const random = numbers(20261123);

async function makePolicy(
  settings: object = {},
  {
    exploration = 0.2,
    versions = { v1: {} },
  }: { exploration?: number; versions?: Record<string, object> } = {},
): Promise<void> {
  made += 1;
  policy = `p${made}`;
  const configuration = policyConfigurationSchema.parse({
    baseline_exploration: exploration,
    rollout: rolloutSettingsSchema.parse({ ...SETTINGS, ...settings }),
  });
  await db.sql(
    `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, $2, $3, 'api')`,
    [TENANT, policy, configuration],
  );
  for (const [name, version] of Object.entries(versions)) {
    await makeVersion(name, version);
  }
  await saveSpecification(1);
}

async function makeVersion(name: string, version: object = {}): Promise<void> {
  await db.sql(
    `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source) values ($1, $2, $3, 'draft', $4, 'api')`,
    [TENANT, policy, name, versionConfigurationSchema.parse({ minimum_probability: 0.2, ...version })],
  );
}

async function saveSpecification(version: number, inputs: object = {}): Promise<void> {
  const definition = {
    range: [0, 1],
    window: { after: `${WINDOW_MS / 1_000}s`, grace: '0s' },
    credit: 'equal',
    inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first', scope: 'decision', ...inputs } },
    value: 'has(e.sent) ? 1.0 : 0.0',
  };
  await db.sql(
    'insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, $2, $3, $4)',
    [TENANT, policy, version, definition],
  );
}

beforeEach(() => {
  failures.length = 0;
});

const done = (outcome: RolloutOutcome): RolloutDetails => {
  if (outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.rollout;
};
const begin = async (version = 'v1') => {
  // Ids are in the order of time.
  clock += 1;
  return done(await rollouts.start(TENANT, 'ann', policy, version));
};
const find = async (id: string): Promise<RolloutDetails> => {
  const found = await rollouts.find(TENANT, id);
  if (!found) throw new Error(`no rollout ${id}`);
  return found;
};
const statuses = async (): Promise<Record<string, string>> => {
  const rows = await db.sql<{ name: string; status: string }>(
    'select name, status from rlaas.policy_versions where tenant_id = $1 and policy = $2',
    [TENANT, policy],
  );
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
};
/** Looks until nothing more can be taken in. */
async function look(): Promise<void> {
  const looking = worker();
  while (await looking.round());
  await looking.round();
  expect(failures).toEqual([]);
}

interface Serving {
  candidate: string;
  incumbent: string | null;
  /** Mean reward of the two actions. */
  rewards: readonly [number, number];
  share?: number;
  /** Probabilities of both, of the two actions. */
  ofCandidate?: readonly [number, number];
  ofIncumbent?: readonly [number, number];
}

/** Decisions as a gateway logs them, one each 100 ms, with rewards of 0 and 1; the clock goes on until they are closed. */
async function serve(count: number, serving: Serving, change: Partial<WrittenDecision> = {}): Promise<void> {
  const { candidate, incumbent, share = 0, rewards } = serving;
  const ofCandidate = serving.ofCandidate ?? [0.3, 0.7];
  const ofIncumbent = serving.ofIncumbent ?? [0.7, 0.3];
  const decisions = Array.from({ length: count }, (_, index): WrittenDecision => {
    const isCandidate = random() < share;
    const probabilities = isCandidate ? ofCandidate : ofIncumbent;
    const chosen = random() < probabilities[0] ? 0 : 1;
    const other = isCandidate
      ? {
          version: incumbent ?? 'baseline',
          checkpoint: null,
          share: 1 - share,
          probabilities: [...ofIncumbent],
        }
      : { version: candidate, checkpoint: 7, ...(share > 0 && { share }), probabilities: [...ofCandidate] };
    const data: Partial<DecisionData> = {
      probabilities: [...probabilities],
      chosen,
      propensity: probabilities[chosen] ?? 0,
      policy_version: isCandidate ? candidate : incumbent,
      mode: share === 1 ? 'live' : isCandidate ? 'canary' : incumbent === null ? 'shadow_only' : 'live',
      shadow: [share === 1 ? { ...other, share: undefined } : other],
      ...(share > 0 && share < 1 && { version_share: isCandidate ? share : 1 - share }),
    };
    return {
      at: clock + index * 100,
      data,
      reward: random() < (rewards[chosen] ?? 0) ? 1 : 0,
      ...change,
    };
  });
  await writeHistory(db, TENANT, policy, JSON.parse(JSON.stringify(decisions)) as WrittenDecision[]);
  clock += count * 100 + WINDOW_MS + 1_000;
}

const BETTER = { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] } as const;

describe('a candidate that is better', () => {
  test('goes from draft to active by evidence, and stays watched', async () => {
    await makePolicy();
    const { id } = await begin();
    expect(await statuses()).toEqual({ v1: 'shadow' });
    await db.sql(
      `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256)
       select $1, $2, 'v1', n, n, 'k' || n, repeat('0', 64) from unnest(array[6, 7]) n`,
      [TENANT, policy],
    );
    await serve(600, BETTER);
    await look();
    const canary = await find(id);
    expect(canary).toMatchObject({ stage: 'canary', share: 0.25, incumbent: 'baseline', outcome: null });
    await serve(400, { ...BETTER, share: 0.25 });
    await look();
    expect(await find(id)).toMatchObject({ stage: 'canary', share: 0.5 });
    await serve(300, { ...BETTER, share: 0.5 });
    await look();
    const active = await find(id);
    expect(active).toMatchObject({ stage: 'active', share: 1 });
    expect(await statuses()).toEqual({ v1: 'active' });
    expect(active.transitions.map(({ cause, to, actor }) => ({ cause, to, actor }))).toEqual([
      { cause: 'start', to: { stage: 'shadow', share: 0 }, actor: 'ann' },
      { cause: 'gate', to: { stage: 'canary', share: 0.25 }, actor: null },
      { cause: 'gate', to: { stage: 'canary', share: 0.5 }, actor: null },
      { cause: 'gate', to: { stage: 'active', share: 1 }, actor: null },
    ]);
    // What the evidence is about is kept.
    expect(
      await db.sql('select number from rlaas.checkpoints where policy = $1 and pinned', [policy]),
    ).toEqual([{ number: 7 }]);
    const evidence = active.transitions.at(-1)?.evidence;
    expect(evidence).toMatchObject({
      units: 1_300,
      left_out: 0,
      uncounted: {},
      improve: { fired: true },
      rollback: { fired: false },
      checkpoints: { first: 7, last: 7 },
    });
    expect(evidence?.digest).toMatch(/^[0-9a-f]{64}$/);
    // What the incumbent would have done is in the log from now on; when it would be better, it comes back.
    await serve(2_000, { ...BETTER, share: 1, rewards: [0.8, 0.2] });
    await look();
    const back = await find(id);
    expect(back).toMatchObject({ stage: 'ended', outcome: 'rolled_back', share: 0 });
    expect(['rollback_process', 'change_detector']).toContain(back.transitions.at(-1)?.cause);
    expect(await statuses()).toEqual({ v1: 'rolled_back' });
  });

  test('looked at in any pieces, by several workers at once, comes to the same sums', async () => {
    await makePolicy({ dwell: '1d' });
    const one = await begin();
    await serve(1_700, BETTER);
    await Promise.all([look(), look(), look()]);
    await look();
    const { evidence } = await find(one.id);
    expect(evidence?.units).toBe(1_700);
    // Once more, in pieces, from the very same rows.
    await db.sql(`delete from rlaas.rollouts where tenant_id = $1 and policy = $2`, [TENANT, policy]);
    const after = clock;
    clock = Date.parse(one.started_at) - 1;
    const again = await begin();
    for (const at of [20_000, 65_000, 90_000, 100_000, 131_000]) {
      clock = Date.parse(one.started_at) + at;
      await look();
    }
    expect((await find(again.id)).evidence?.units).toBe(710);
    clock = after;
    await look();
    expect((await find(again.id)).evidence).toEqual(evidence);
  });
});

describe('the gate does not pass', () => {
  const waits = async (id: string): Promise<string[]> => {
    const { stage, waiting_for: waiting } = await find(id);
    expect(stage).toBe('shadow');
    return waiting.map(({ code }) => code);
  };

  test('on open windows: what is closed early counts when all before it are closed', async () => {
    await makePolicy();
    const { id } = await begin();
    await serve(1, BETTER, { reward: 'pending' });
    await serve(800, BETTER);
    await look();
    expect(await waits(id)).toContain('evidence');
    expect((await find(id)).evidence?.units).toBe(0);
    await db.sql(
      `update rlaas.rewards set status = 'final', value = 0 where policy = $1 and status = 'pending'`,
      [policy],
    );
    await look();
    expect(await find(id)).toMatchObject({ stage: 'canary' });
  });

  test('before the whole window has passed', async () => {
    await makePolicy({ dwell: '1d' });
    const { id } = await begin();
    await serve(800, BETTER);
    clock -= WINDOW_MS + 1_000;
    await look();
    const { evidence } = await find(id);
    // 80 s have passed since the first decision, 20 of them since the window of the last that counts has.
    expect(evidence?.units).toBe(200);
    clock += WINDOW_MS + 1_000;
    await look();
    expect((await find(id)).evidence?.units).toBe(800);
  });

  test('on imports, on what the application chose, on degraded decisions and on repeats', async () => {
    await makePolicy();
    const { id } = await begin();
    await serve(300, BETTER, { imported: true });
    for (const data of [
      { mode: 'baseline' as const },
      { mode: 'degraded' as const },
      { sticky_of: newId(clock) },
      { policy_version: 'other', mode: 'live' as const },
    ]) {
      await serve(300, BETTER, {
        data: {
          probabilities: [0.9, 0.1],
          chosen: 1,
          propensity: 0.1,
          shadow: [{ version: 'v1', probabilities: [0.1, 0.9] }],
          ...data,
        },
        reward: 1,
      });
    }
    await look();
    expect(await waits(id)).toEqual(expect.arrayContaining(['effective_units', 'evidence']));
    expect((await find(id)).evidence).toMatchObject({
      units: 0,
      uncounted: {
        imported: 300,
        chosen_by_application: 300,
        degraded: 300,
        sticky_repeat: 300,
        other_version: 300,
      },
    });
  });

  test('on a sample that is worth too little, and where what it would do is hardly ever played', async () => {
    await makePolicy();
    const { id } = await begin();
    await serve(100, BETTER);
    await look();
    expect(await waits(id)).toContain('effective_units');
    await serve(5_000, { ...BETTER, ofIncumbent: [0.999, 0.001], rewards: [0.1, 1] });
    await look();
    expect(await waits(id)).toContain('overlap');
  });

  test('without exploration, which it says; a person can approve', async () => {
    await makePolicy({}, { exploration: 0 });
    const { id, revision } = await begin();
    await serve(500, { ...BETTER, ofIncumbent: [1, 0], rewards: [0.5, 1] });
    await look();
    expect(await waits(id)).toEqual(expect.arrayContaining(['no_exploration', 'overlap', 'evidence']));
    const advanced = await rollouts.advance(TENANT, 'ann', id, revision);
    expect(advanced).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('does not explore'),
    });
    const approved = done(await rollouts.approve(TENANT, 'ann', id, { revision, reason: 'we want to know' }));
    expect(approved).toMatchObject({ stage: 'canary', share: 0.25, revision: 2 });
    expect(approved.transitions.at(-1)).toMatchObject({
      cause: 'approval',
      actor: 'ann',
      reason: 'we want to know',
    });
  });

  test('for a version that explores less than what serves, without a person', async () => {
    await makePolicy({ canary_steps: [0.5] }, { exploration: 0.5 });
    const { id } = await begin();
    await serve(600, { ...BETTER, ofIncumbent: [0.5, 0.5] });
    await look();
    await serve(600, { ...BETTER, ofIncumbent: [0.5, 0.5], share: 0.5 });
    await look();
    const waiting = await find(id);
    expect(waiting.stage).toBe('canary');
    expect(waiting.waiting_for.map(({ code }) => code)).toEqual(['lowers_exploration']);
    const { revision } = waiting;
    expect(done(await rollouts.approve(TENANT, 'ann', id, { revision, reason: 'ok' })).stage).toBe('active');
  });

  test('for two who move it at once: one wins, the other one is told', async () => {
    await makePolicy();
    const { id, revision } = await begin();
    const asked = Array.from({ length: 8 }, (_, index) =>
      rollouts.approve(TENANT, `person-${index}`, id, { revision, reason: 'go' }),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    const refused = outcomes.filter((one) => one.outcome === 'refused');
    expect(refused).toHaveLength(7);
    expect(refused[0]?.detail).toContain('revision 2');
    expect((await find(id)).share).toBe(0.25);
    // Nor does the table take two steps of one number, whoever wrote the code.
    await expect(
      db.sql(
        `insert into rlaas.rollout_transitions (tenant_id, rollout_id, number, at, to_stage, to_share, cause)
         values ($1, $2, 2, now(), 'active', 1, 'gate')`,
        [TENANT, id],
      ),
    ).rejects.toThrow('duplicate key');
  });

  test('where being left out depends on what was done', async () => {
    await makePolicy();
    const { id } = await begin();
    // Rewards of 0 of the candidate's action are "lost".
    const decisions = Array.from({ length: 1_500 }, (_, index): WrittenDecision => {
      const chosen = random() < 0.9 ? 0 : 1;
      const reward = random() < 0.5 ? 1 : 0;
      return {
        at: clock + index * 100,
        data: {
          probabilities: [0.9, 0.1],
          chosen,
          propensity: chosen === 0 ? 0.9 : 0.1,
          shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.1, 0.9] }],
        },
        reward: chosen === 1 && reward === 0 ? null : reward,
      };
    });
    await writeHistory(db, TENANT, policy, decisions);
    clock += 150_000 + WINDOW_MS + 1_000;
    await look();
    expect(await waits(id)).toContain('left_out');
  });

  test('on a decision that came in after its time was looked at: it is counted, and left out', async () => {
    await makePolicy({ dwell: '1d' });
    const { id, revision } = await begin();
    const early = clock;
    await serve(400, BETTER);
    await look();
    const before = await find(id);
    const late = clock;
    clock = early + 50;
    await serve(1, BETTER);
    clock = late;
    await serve(400, BETTER);
    await look();
    expect(before.evidence?.units).toBe(400);
    const approved = done(await rollouts.approve(TENANT, 'ann', id, { revision, reason: 'go' }));
    expect(approved.transitions.at(-1)?.evidence).toMatchObject({ units: 800, uncounted: { late: 1 } });
  });
});

describe('rollbacks', () => {
  test('a version that was put into canary by a person and is worse is taken back by itself', async () => {
    await makePolicy({}, { versions: { v1: {}, v2: {} } });
    await db.sql(
      `update rlaas.policy_versions set status = 'active' where tenant_id = $1 and policy = $2 and name = 'v1'`,
      [TENANT, policy],
    );
    const { id, revision, incumbent } = await begin('v2');
    expect(incumbent).toBe('v1');
    await rollouts.approve(TENANT, 'ann', id, { revision, reason: 'urgent' });
    await serve(1_200, { candidate: 'v2', incumbent: 'v1', rewards: [0.8, 0.2], share: 0.25 });
    await look();
    expect(await find(id)).toMatchObject({ stage: 'ended', outcome: 'rolled_back', share: 0 });
    expect(await statuses()).toEqual({ v1: 'active', v2: 'rolled_back' });
  });

  test('by a person, and the version before is active again, at once', async () => {
    await makePolicy({ canary_steps: [0.5] }, { versions: { v1: {}, v2: {} } });
    for (const version of ['v1', 'v2']) {
      const { id } = await begin(version);
      await rollouts.approve(TENANT, 'ann', id, { revision: 1, reason: 'go' });
      await rollouts.approve(TENANT, 'ann', id, { revision: 2, reason: 'go' });
    }
    expect(await statuses()).toEqual({ v1: 'shadow', v2: 'active' });
    const [second, first] = await rollouts.list(
      TENANT,
      { policy, open: undefined },
      { after: undefined, limit: 9 },
    );
    expect(first).toMatchObject({ version: 'v1', stage: 'ended', outcome: 'superseded' });
    const back = done(
      await rollouts.rollBack(TENANT, 'bob', second?.id ?? '', { reason: 'customers complain' }),
    );
    expect(back).toMatchObject({ stage: 'ended', outcome: 'rolled_back' });
    expect(back.transitions.at(-1)).toMatchObject({ cause: 'manual_rollback', actor: 'bob' });
    expect(await statuses()).toEqual({ v1: 'active', v2: 'rolled_back' });
    expect(await rollouts.rollBack(TENANT, 'bob', back.id, { reason: 'again' })).toMatchObject({
      outcome: 'refused',
    });
  });

  test('by a guardrail of events, though rewards are as good', async () => {
    await makePolicy({ guardrails: { slow: { outcome: 'latency_ms', above: 500, margin: 0.05 } } });
    const { id } = await begin();
    await rollouts.approve(TENANT, 'ann', id, { revision: 1, reason: 'go' });
    const bad = Array.from({ length: 1_500 }, (_, index): WrittenDecision => {
      const isCandidate = random() < 0.25;
      return {
        at: clock + index * 100,
        data: {
          probabilities: [0.5, 0.5],
          chosen: 0,
          propensity: 0.5,
          policy_version: isCandidate ? 'v1' : null,
          mode: isCandidate ? 'canary' : 'shadow_only',
          version_share: isCandidate ? 0.25 : 0.75,
          shadow: [
            isCandidate
              ? { version: 'baseline', share: 0.75, probabilities: [0.5, 0.5] }
              : { version: 'v1', share: 0.25, probabilities: [0.5, 0.5] },
          ],
        },
        reward: random() < 0.5 ? 1 : 0,
        outcomes: [{ name: 'latency_ms', value: isCandidate ? 900 : 100 }],
      };
    });
    await writeHistory(db, TENANT, policy, bad);
    clock += 150_000 + WINDOW_MS + 1_000;
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({
      cause: 'guardrail',
      reason: 'guardrail slow broke',
    });
  });
});

describe('what a test is made of', () => {
  test('changes with what serves, and with the specification: it begins anew, with an error budget of its own', async () => {
    await makePolicy({ error: 'per_policy', alpha: 0.05 }, { versions: { v1: {}, v2: {} } });
    const { id, alpha } = await begin('v1');
    expect(alpha).toBeCloseTo((0.05 * 6) / Math.PI ** 2, 12);
    await serve(300, BETTER);
    await look();
    const other = await begin('v2');
    expect(other.alpha).toBeCloseTo(alpha / 4, 12);
    await rollouts.approve(TENANT, 'ann', other.id, { revision: 1, reason: 'go' });
    await rollouts.approve(TENANT, 'ann', other.id, { revision: 2, reason: 'go' });
    await rollouts.approve(TENANT, 'ann', other.id, { revision: 3, reason: 'go' });
    const restarted = await find(id);
    expect(restarted).toMatchObject({ incumbent: 'v2', start: 3, stage: 'shadow', revision: 2 });
    expect(restarted.alpha).toBeCloseTo(alpha / 9, 12);
    expect(restarted.evidence?.units).toBe(0);
    expect(restarted.transitions.at(-1)).toMatchObject({ cause: 'incumbent_changed' });
    expect(restarted.transitions.at(-1)?.evidence?.units).toBe(300);
    await saveSpecification(2);
    await look();
    expect(await find(id)).toMatchObject({ specification: 2, start: 4 });
  });

  test('is refused for what cannot be tested', async () => {
    await makePolicy();
    await db.sql('delete from rlaas.reward_specs where tenant_id = $1 and policy = $2', [TENANT, policy]);
    expect(await rollouts.start(TENANT, 'ann', policy, 'v1')).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('no reward specification'),
    });
    await saveSpecification(1);
    expect(await rollouts.start(TENANT, 'ann', policy, 'none')).toEqual({ outcome: 'not_found' });
    const { id } = await begin();
    expect(await rollouts.start(TENANT, 'ann', policy, 'v1')).toMatchObject({
      detail: expect.stringContaining('goes on'),
    });
    // Retired by hand: its rollout ends with it.
    await policies.moves.retire(TENANT, 'ann', policy, 'v1', false);
    expect(await find(id)).toMatchObject({ stage: 'ended', outcome: 'retired' });
  });

  test('without a verdict after so many units it is retired, and said so', async () => {
    await makePolicy({ max_units: 1_000 });
    const { id } = await begin();
    await serve(1_100, { ...BETTER, rewards: [0.5, 0.5] });
    await look();
    const ended = await find(id);
    expect(ended).toMatchObject({ stage: 'ended', outcome: 'retired' });
    expect(ended.transitions.at(-1)?.reason).toContain('without a verdict');
    expect(await statuses()).toEqual({ v1: 'retired' });
  });

  test('episodes are one unit each, with the share of their first decision', async () => {
    await makePolicy({ episode_window: '10s' });
    const { id } = await begin();
    await rollouts.approve(TENANT, 'ann', id, { revision: 1, reason: 'go' });
    const began = clock;
    for (let episode = 0; episode < 40; episode += 1) {
      clock = began + episode * 1_000;
      const end = clock;
      await serve(
        2,
        { ...BETTER, share: 0.25 },
        {
          episode: `e${episode}`,
          data: {
            probabilities: [0.5, 0.5],
            chosen: 1,
            propensity: 0.5,
            policy_version: null,
            // One that saw two shares.
            version_share: 0.75,
            shadow: [{ version: 'v1', share: 0.25, checkpoint: 1, probabilities: [0.2, 0.8] }],
          },
        },
      );
      clock = end;
    }
    await writeHistory(db, TENANT, policy, [
      {
        at: began + 500,
        episode: 'e0',
        data: {
          probabilities: [0.5, 0.5],
          chosen: 1,
          propensity: 0.5,
          policy_version: null,
          version_share: 0.5,
          shadow: [{ version: 'v1', share: 0.5, checkpoint: 1, probabilities: [0.2, 0.8] }],
        },
        reward: 1,
      },
    ]);
    clock = began + 40_000 + WINDOW_MS + 20_000;
    await look();
    expect((await find(id)).evidence).toMatchObject({ units: 39, uncounted: { two_shares: 1 } });
  });
});
