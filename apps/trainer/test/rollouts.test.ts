import { newId } from '@rlaas/database';
import { afterAll, describe, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import { type WrittenDecision, writeHistory } from './support/history.ts';
import { TENANT, WINDOW_MS, createRolloutBed, done } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
const { db, database, rollouts, random } = bed;
const { makePolicy, saveSpecification, begin, find, statuses, look, serve } = bed;
const policies = createPolicies({ database, now: () => bed.clock });
afterAll(() => database.close());

const BETTER = { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] } as const;

describe('a candidate that is better', () => {
  test('goes from draft to active by evidence, and stays watched', async () => {
    await makePolicy();
    const { id } = await begin();
    expect(await statuses()).toEqual({ v1: 'shadow' });
    await db.sql(
      `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256)
       select $1, $2, 'v1', n, n, 'k' || n, repeat('0', 64) from unnest(array[6, 7]) n`,
      [TENANT, bed.policy],
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
      await db.sql('select number from rlaas.checkpoints where policy = $1 and pinned', [bed.policy]),
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
    await db.sql(`delete from rlaas.rollouts where tenant_id = $1 and policy = $2`, [TENANT, bed.policy]);
    const after = bed.clock;
    bed.clock = Date.parse(one.started_at) - 1;
    const again = await begin();
    for (const at of [20_000, 65_000, 90_000, 100_000, 131_000]) {
      bed.clock = Date.parse(one.started_at) + at;
      await look();
    }
    expect((await find(again.id)).evidence?.units).toBe(710);
    bed.clock = after;
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
      [bed.policy],
    );
    await look();
    expect(await find(id)).toMatchObject({ stage: 'canary' });
  });

  test('before the whole window has passed', async () => {
    await makePolicy({ dwell: '1d' });
    const { id } = await begin();
    await serve(800, BETTER);
    bed.clock -= WINDOW_MS + 1_000;
    await look();
    const { evidence } = await find(id);
    // 80 s have passed since the first decision, 20 of them since the window of the last that counts has.
    expect(evidence?.units).toBe(200);
    bed.clock += WINDOW_MS + 1_000;
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
      { sticky_of: newId(bed.clock) },
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
        at: bed.clock + index * 100,
        data: {
          probabilities: [0.9, 0.1],
          chosen,
          propensity: chosen === 0 ? 0.9 : 0.1,
          shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.1, 0.9] }],
        },
        reward: chosen === 1 && reward === 0 ? null : reward,
      };
    });
    await writeHistory(db, TENANT, bed.policy, decisions);
    bed.clock += 150_000 + WINDOW_MS + 1_000;
    await look();
    expect(await waits(id)).toContain('left_out');
  });

  test('on a decision that came in after its time was looked at: it is counted, and left out', async () => {
    await makePolicy({ dwell: '1d' });
    const { id, revision } = await begin();
    const early = bed.clock;
    await serve(400, BETTER);
    await look();
    const before = await find(id);
    const late = bed.clock;
    bed.clock = early + 50;
    await serve(1, BETTER);
    bed.clock = late;
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
      [TENANT, bed.policy],
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
      { policy: bed.policy, open: undefined },
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
        at: bed.clock + index * 100,
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
    await writeHistory(db, TENANT, bed.policy, bad);
    bed.clock += 150_000 + WINDOW_MS + 1_000;
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
    await look();
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
    await db.sql('delete from rlaas.reward_specs where tenant_id = $1 and policy = $2', [TENANT, bed.policy]);
    expect(await rollouts.start(TENANT, 'ann', bed.policy, 'v1')).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('no reward specification'),
    });
    await saveSpecification(1);
    expect(await rollouts.start(TENANT, 'ann', bed.policy, 'none')).toMatchObject({ outcome: 'not_found' });
    const { id } = await begin();
    expect(await rollouts.start(TENANT, 'ann', bed.policy, 'v1')).toMatchObject({
      detail: expect.stringContaining('goes on'),
    });
    // Retired by hand: its rollout ends with it.
    await policies.moves.retire(TENANT, 'ann', bed.policy, 'v1', false);
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
    const began = bed.clock;
    for (let episode = 0; episode < 40; episode += 1) {
      bed.clock = began + episode * 1_000;
      const end = bed.clock;
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
            version_share: 0.75,
            shadow: [{ version: 'v1', share: 0.25, checkpoint: 1, probabilities: [0.2, 0.8] }],
          },
        },
      );
      bed.clock = end;
    }
    await writeHistory(db, TENANT, bed.policy, [
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
    bed.clock = began + 40_000 + WINDOW_MS + 20_000;
    await look();
    expect((await find(id)).evidence).toMatchObject({ units: 40, left_out: 1, uncounted: {} });
  });
});
