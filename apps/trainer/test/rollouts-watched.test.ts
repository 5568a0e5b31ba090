import type { DecisionData } from '@rlaas/schemas';
import { afterAll, describe, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import type { WrittenDecision } from './support/history.ts';
import { TENANT, WINDOW_MS, createRolloutBed, done } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
const { db, database, rollouts, random } = bed;
const { makePolicy, saveSpecification, begin, approve, find, findOpen, statuses, look, serve, write } = bed;
const policies = createPolicies({ database, now: () => bed.clock });
afterAll(() => database.close());

/** A policy with one canary step, whose versions became active one after the other, the last of them now. */
async function promoted(...versions: string[]): Promise<string> {
  await makePolicy(
    { canary_steps: [0.25] },
    { versions: Object.fromEntries([...versions, 'next'].map((name) => [name, {}])) },
  );
  let id = '';
  for (const version of versions) {
    ({ id } = await begin(version));
    await approve(id, 2);
  }
  return id;
}
/** Decisions that a version could not make, one each so many milliseconds. */
const failing = (version: string, count: number, { each }: { each: number }): WrittenDecision[] =>
  Array.from({ length: count }, (_, index) => ({
    at: bed.clock + index * each,
    data: { probabilities: [1, 0], chosen: 0, propensity: 1, mode: 'degraded', failed_version: version },
    reward: 'pending',
  }));
const rollBack = async (id: string) =>
  done(await rollouts.rollBack(TENANT, 'bob', id, { reason: 'customers complain' }));

describe('what comes back after a rollback', () => {
  test('is watched beside the one before it, and so on back to the baseline', async () => {
    const id = await promoted('v1', 'v2', 'v3');
    await rollBack(id);
    expect(await statuses()).toMatchObject({ v1: 'shadow', v2: 'active', v3: 'rolled_back' });
    const back = await findOpen('v2');
    expect(back).toMatchObject({ stage: 'active', share: 1, incumbent: 'v1', outcome: null });
    expect(back.transitions).toMatchObject([
      { number: 1, from: null, to: { stage: 'active', share: 1 }, cause: 'brought_back' },
    ]);
    // It is as bad as the one that was rolled back: so it goes the same way, by itself.
    await serve(2_000, { candidate: 'v2', incumbent: 'v1', rewards: [0.8, 0.2], share: 1 });
    await look();
    expect(await statuses()).toMatchObject({ v1: 'active', v2: 'rolled_back' });
    const first = await findOpen('v1');
    expect(first).toMatchObject({ stage: 'active', incumbent: 'baseline' });
    await rollBack(first.id);
    expect(await statuses()).toMatchObject({ v1: 'rolled_back', v2: 'rolled_back', v3: 'rolled_back' });
    expect(
      await rollouts.list(TENANT, { policy: bed.policy, open: true }, { after: undefined, limit: 9 }),
    ).toEqual([]);
  });

  test.each(['shadow', 'canary'])('had begun again, and was in %s', async (stage) => {
    const id = await promoted('v1', 'v2');
    const again = await begin('v1');
    expect(again).toMatchObject({ incumbent: 'v2' });
    const other = await begin('next');
    if (stage === 'canary') await approve(again.id);
    expect(await statuses()).toMatchObject({ v1: stage, v2: 'active' });
    await rollBack(id);
    expect(await statuses()).toMatchObject({ v1: 'active', v2: 'rolled_back', next: 'shadow' });
    expect(await find(again.id)).toMatchObject({ stage: 'ended', outcome: 'superseded', share: 0 });
    expect((await find(again.id)).transitions.at(-1)).toMatchObject({ cause: 'brought_back' });
    expect(await findOpen('v1')).toMatchObject({ stage: 'active', incumbent: 'baseline' });
    // Nothing is tested against itself, or against what serves no more.
    await look();
    expect(await find(other.id)).toMatchObject({ stage: 'shadow', incumbent: 'v1', start: 6 });
    await look();
    expect(await find(other.id)).toMatchObject({ incumbent: 'v1', revision: 2 });
  });

  test('is an earlier one when the one before is retired; and what is active is watched beside that', async () => {
    const id = await promoted('v1', 'v2', 'v3');
    expect(await find(id)).toMatchObject({ incumbent: 'v2' });
    await policies.moves.retire(TENANT, 'ann', bed.policy, 'v2', false);
    await look();
    const watched = await find(id);
    expect(watched).toMatchObject({ stage: 'active', share: 1, incumbent: 'v1', revision: 4 });
    expect(watched.transitions.at(-1)).toMatchObject({
      cause: 'incumbent_changed',
      reason: 'v2 would not come back any more, but v1',
    });
    await rollBack(id);
    expect(await statuses()).toMatchObject({ v1: 'active', v2: 'retired', v3: 'rolled_back' });
  });
});

test('what would come back, and shows nothing new in canary, goes back to where it was', async () => {
  await makePolicy({ canary_steps: [0.25], max_units: 1_000 }, { versions: { v1: {}, v2: {}, v3: {} } });
  for (const version of ['v1', 'v2']) await approve((await begin(version)).id, 2);
  const again = await begin('v1');
  await approve(again.id);
  await serve(1_500, { candidate: 'v1', incumbent: 'v2', rewards: [0.5, 0.5], share: 0.25 });
  await look();
  expect(await find(again.id)).toMatchObject({ stage: 'ended', outcome: 'retired' });
  expect(await statuses()).toEqual({ v1: 'shadow', v2: 'active', v3: 'draft' });
  // So the next one can be tried, and it once more.
  expect((await approve((await begin('v3')).id)).stage).toBe('canary');
  expect((await begin('v1')).stage).toBe('shadow');
});

describe('what is active', () => {
  test('and fails is taken back long before any window has passed', async () => {
    const id = await promoted('v1', 'v2');
    await write(failing('v2', 120, { each: 1_000 }));
    bed.clock += 120_000 - WINDOW_MS;
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({
      to: { stage: 'ended' },
      cause: 'guardrail',
      reason: 'guardrail failures broke',
    });
    expect(await statuses()).toMatchObject({ v1: 'active', v2: 'rolled_back' });
  });

  test('and fails for a moment, or only now and then for that, goes on', async () => {
    const id = await promoted('v1', 'v2');
    for (let burst = 0; burst < 3; burst += 1) {
      await write(failing('v2', 400, { each: 25 }));
      await serve(1_000, { candidate: 'v2', incumbent: 'v1', rewards: [0.5, 0.5], share: 1 });
      bed.clock += 600_000;
    }
    await look();
    expect((await find(id)).stage).toBe('active');
  });

  test('is not taken back for the failures of others, or for one in a thousand', async () => {
    const id = await promoted('v1', 'v2');
    const decisions = Array.from({ length: 3_000 }, (_, index): WrittenDecision => {
      const fails = index % 1_000 === 0 ? 'v2' : index % 3 === 0 ? 'next' : undefined;
      const shadow = [{ version: 'v1', checkpoint: 1, probabilities: [0.5, 0.5] }];
      const data: Partial<DecisionData> = {
        probabilities: [0.5, 0.5],
        chosen: 0,
        propensity: 0.5,
        policy_version: fails === 'v2' ? null : 'v2',
        mode: fails === 'v2' ? 'degraded' : 'live',
        shadow,
      };
      if (fails !== undefined) data.failed_version = fails;
      return { at: bed.clock + index * 100, data, reward: random() < 0.5 ? 1 : 0 };
    });
    await write(decisions);
    await look();
    const { stage, evidence } = await find(id);
    expect(stage).toBe('active');
    expect(evidence?.guardrails['failures']).toMatchObject({ fired: false });
    expect(evidence).toMatchObject({ units: 2_997, uncounted: { degraded: 3 } });
  });

  test('breaks a guardrail by what it does, also without anybody to share the traffic with', async () => {
    await makePolicy(
      { canary_steps: [0.25], guardrails: { returned: { outcome: 'returned', margin: 0.05 } } },
      { versions: { v1: {} } },
    );
    const { id } = await begin();
    await approve(id, 2);
    const decisions = Array.from({ length: 3_000 }, (_, index): WrittenDecision => {
      const chosen = random() < 0.2 ? 0 : 1;
      return {
        at: bed.clock + index * 100,
        data: {
          probabilities: [0.2, 0.8],
          chosen,
          propensity: chosen === 0 ? 0.2 : 0.8,
          policy_version: 'v1',
          mode: 'live',
          shadow: [{ version: 'baseline', checkpoint: null, probabilities: [0.8, 0.2] }],
        },
        reward: random() < 0.5 ? 1 : 0,
        outcomes: chosen === 1 ? [{ name: 'returned', value: true }] : [],
      };
    });
    await write(decisions);
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({ reason: 'guardrail returned broke' });
  });

  test('is watched by whole episodes', async () => {
    await makePolicy({ canary_steps: [0.25], episode_window: '1s' });
    const { id } = await begin();
    await approve(id, 2);
    const decisions = Array.from({ length: 6_000 }, (_, index): WrittenDecision => {
      const chosen = random() < 0.3 ? 0 : 1;
      return {
        at: bed.clock + index * 100,
        episode: `e${Math.floor(index / 2)}`,
        data: {
          probabilities: [0.3, 0.7],
          chosen,
          propensity: chosen === 0 ? 0.3 : 0.7,
          policy_version: 'v1',
          mode: 'live',
          version_share: 1,
          shadow: [{ version: 'baseline', checkpoint: null, probabilities: [0.7, 0.3] }],
        },
        reward: random() < (chosen === 0 ? 0.9 : 0.1) ? 1 : 0,
      };
    });
    await write(decisions);
    await look();
    const back = await find(id);
    expect(back).toMatchObject({ stage: 'ended', outcome: 'rolled_back' });
    expect(back.evidence?.uncounted).toEqual({});
    expect(['rollback_process', 'change_detector']).toContain(back.transitions.at(-1)?.cause);
  });

  test('while a third version shares the traffic, is compared as if it were alone', async () => {
    const id = await promoted('v1', 'v2');
    const decisions = Array.from({ length: 2_000 }, (_, index): WrittenDecision => {
      const isNext = random() < 0.25;
      return {
        at: bed.clock + index * 100,
        data: {
          probabilities: [0.5, 0.5],
          chosen: 0,
          propensity: 0.5,
          policy_version: isNext ? 'next' : 'v2',
          mode: isNext ? 'canary' : 'live',
          version_share: isNext ? 0.25 : 0.75,
          shadow: [
            { version: isNext ? 'v2' : 'next', share: isNext ? 0.75 : 0.25, probabilities: [0.5, 0.5] },
            { version: 'v1', checkpoint: 1, probabilities: [0.5, 0.5] },
          ],
        },
        reward: 1,
      };
    });
    await write(decisions);
    await look();
    const { stage, evidence, waiting_for: waiting } = await find(id);
    expect({ stage, waiting }).toEqual({ stage: 'active', waiting: [] });
    expect(evidence?.sample_ratio).toMatchObject({ log_wealth: 0 });
    expect((evidence?.units ?? 0) + (evidence?.uncounted['other_version'] ?? 0)).toBe(2_000);
    expect(evidence?.units).toBeGreaterThan(1_300);
  });

  test('is watched by the rewards of now when the specification changes', async () => {
    const id = await promoted('v1', 'v2');
    await serve(100, { candidate: 'v2', incumbent: 'v1', rewards: [0.5, 0.5], share: 1 });
    await look();
    expect((await find(id)).evidence?.units).toBe(100);
    await saveSpecification(2);
    await look();
    const anew = await find(id);
    expect(anew).toMatchObject({ stage: 'active', share: 1, specification: 2, incumbent: 'v1' });
    expect(anew.evidence?.units).toBe(0);
    expect(await statuses()).toMatchObject({ v1: 'shadow', v2: 'active' });
  });

  test('says so when nothing of what it does can be compared', async () => {
    const id = await promoted('v1', 'v2');
    await serve(1_200, { candidate: 'v2', incumbent: 'other', rewards: [0.5, 0.5], share: 1 });
    await look();
    expect((await find(id)).waiting_for).toMatchObject([{ code: 'unwatched' }]);
  });
});

describe('a canary', () => {
  test('that fails is taken back at once, on its own turns', async () => {
    await makePolicy();
    const { id } = await begin();
    await approve(id);
    const decisions = Array.from({ length: 480 }, (_, index): WrittenDecision => {
      const isCandidate = index % 4 === 0;
      return {
        at: bed.clock + index * 250,
        data: {
          probabilities: [0.5, 0.5],
          chosen: 0,
          propensity: 0.5,
          version_share: 0.75,
          [isCandidate ? 'failed_version' : 'failed_beside']: 'v1',
        },
        reward: 'pending',
      };
    });
    await write(decisions);
    bed.clock += 90_000 - WINDOW_MS;
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({ reason: 'guardrail failures broke' });
  });

  test('whose units have no reward more often than those of the other one is taken back', async () => {
    await makePolicy({ dwell: '1d' });
    const { id } = await begin();
    await approve(id);
    const decisions = Array.from({ length: 3_000 }, (_, index): WrittenDecision => {
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
        reward: isCandidate && random() < 0.4 ? null : 1,
      };
    });
    await write(decisions);
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({ reason: 'guardrail left_out broke' });
  });

  test('that does not get its share is taken back: nothing can be concluded of it', async () => {
    await makePolicy({ dwell: '1d' });
    const { id } = await begin();
    await approve(id);
    const data: Partial<DecisionData> = {
      probabilities: [0.5, 0.5],
      chosen: 0,
      propensity: 0.5,
      version_share: 0.75,
      shadow: [{ version: 'v1', share: 0.25, probabilities: [0.5, 0.5] }],
    };
    await write(
      Array.from({ length: 300 }, (_, index): WrittenDecision => ({
        at: bed.clock + index * 100,
        data,
        reward: 1,
      })),
    );
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({ cause: 'sample_ratio' });
  });

  test('that begins anew assigns episodes anew', async () => {
    await makePolicy();
    const { id } = await begin();
    await approve(id);
    const saltOf = async () =>
      (await db.sql<{ salt: string }>('select salt from rlaas.rollouts where id = $1', [id]))[0]?.salt;
    const before = await saltOf();
    await saveSpecification(2);
    const { revision } = await find(id);
    // Nobody moves what is about to begin anew.
    const asked = { revision, reason: 'go' };
    expect(await rollouts.approve(TENANT, 'ann', id, asked)).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('rewards are made by specification 2 now'),
    });
    await look();
    expect(await find(id)).toMatchObject({ stage: 'shadow', share: 0, specification: 2 });
    expect(await saltOf()).not.toBe(before);
  });
});

describe('draws that follow from the same number', () => {
  const drawn = (
    at: number,
    change: Partial<DecisionData>,
    rest: Partial<WrittenDecision>,
  ): WrittenDecision => ({
    at,
    data: {
      probabilities: [0.8, 0.2],
      chosen: 1,
      propensity: 0.2,
      shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.3, 0.7] }],
      ...change,
    },
    reward: 1,
    ...rest,
  });

  test('by two gateways, in one episode, are one draw', async () => {
    await makePolicy({ dwell: '1d', episode_window: '1s' });
    const { id } = await begin();
    const { clock } = bed;
    await write(
      Array.from({ length: 60 }, (_, index) =>
        drawn(clock + index * 10, { sticky: 'episode' }, { episode: `e${Math.floor(index / 6)}` }),
      ),
    );
    await look();
    const { evidence } = await find(id);
    // Six times the same number would be 3.5⁶.
    expect(evidence).toMatchObject({ units: 10, largest_weight: expect.closeTo(3.5, 9), uncounted: {} });
  });

  test('by one external id are the first of them', async () => {
    await makePolicy({ dwell: '1d' });
    const { id } = await begin();
    const { clock } = bed;
    await write(
      Array.from({ length: 60 }, (_, index) =>
        drawn(clock + index * 10, {}, { externalId: `x${Math.floor(index / 6)}` }),
      ),
    );
    await look();
    expect((await find(id)).evidence).toMatchObject({ units: 10, uncounted: { repeated_draw: 50 } });
  });

  test('an episode that goes on with what cannot count is left out, not forgotten: it may have gone on because of its action', async () => {
    await makePolicy({ dwell: '1d', episode_window: '1s' });
    const { id } = await begin();
    const { clock } = bed;
    // The last decision of every second episode is that of another version, and the first one of one of the others.
    const isOther = (index: number) => index % 6 === 2 || index === 33;
    await write(
      Array.from({ length: 60 }, (_, index) =>
        drawn(
          clock + index * 10,
          { sticky: 'episode', ...(isOther(index) && { policy_version: 'other', mode: 'live' }) },
          { episode: `e${Math.floor(index / 3)}` },
        ),
      ),
    );
    await look();
    expect((await find(id)).evidence).toMatchObject({
      units: 19,
      left_out: 10,
      uncounted: { other_version: 1 },
    });
  });

  test('and an episode that never ends holds nobody up', async () => {
    await makePolicy({ dwell: '1d', episode_window: '10m' });
    const { id } = await begin();
    const { clock } = bed;
    await write(
      Array.from({ length: 1_500 }, (_, index) =>
        drawn(
          clock + index * 100,
          { sticky: 'episode' },
          { episode: index % 10 === 9 ? `e${index}` : 'long' },
        ),
      ),
    );
    bed.clock += 600_000;
    await look();
    const { evidence } = await find(id);
    // Of the long one the reward is not known: it is worth nothing, and is counted as left out.
    expect(evidence).toMatchObject({ units: 151, left_out: 1, uncounted: {} });
  });
});
