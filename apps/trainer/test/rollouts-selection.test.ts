import { afterAll, describe, expect, test } from 'vitest';
import { createPolicies } from '../src/policies/policies.ts';
import { createRolloutWorker } from '../src/rollouts/rollout-worker.ts';
import type { WrittenDecision } from './support/history.ts';
import { TENANT, createRolloutBed, done } from './support/rollout-bed.ts';

const bed = await createRolloutBed();
const { db, database, rollouts, random } = bed;
const { makePolicy, saveSpecification, begin, approve, find, findOpen, statuses, look, serve, write } = bed;
const policies = createPolicies({ database, now: () => bed.clock });
afterAll(() => database.close());

const plain = (at: number, data: object = {}): WrittenDecision => ({
  at,
  data: {
    probabilities: [0.5, 0.5],
    chosen: 0,
    propensity: 0.5,
    mode: 'shadow_only',
    shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.5, 0.5] }],
    ...data,
  },
  reward: 1,
});
const actives = async (...versions: string[]): Promise<string> => {
  let id = '';
  for (const version of versions) {
    ({ id } = await begin(version));
    await approve(id, 2);
  }
  return id;
};

describe('how an episode goes on', () => {
  test('where the application takes over after what did well, a worse version is not promoted', async () => {
    await makePolicy({ canary_steps: [0.25], dwell: '1m' });
    const { id } = await begin();
    // Action 0 is worth 0.3 and action 1 0.6; where action 1 does well the application mostly chooses the next one itself.
    const decisions = Array.from({ length: 1_500 }, (_, index): WrittenDecision[] => {
      const chosen = random() < 0.3 ? 0 : 1;
      const reward = random() < (chosen === 0 ? 0.3 : 0.6) ? 1 : 0;
      const episode = `${bed.policy}-${index}`;
      const first = plain(bed.clock + index * 10, {
        sticky: 'episode',
        probabilities: [0.3, 0.7],
        chosen,
        propensity: chosen === 0 ? 0.3 : 0.7,
        shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.7, 0.3] }],
      });
      const own = plain(bed.clock + index * 10 + 5, { mode: 'baseline', shadow: undefined });
      const goesOn = chosen === 1 && reward === 1 && random() < 0.75;
      return [{ ...first, episode, reward }, ...(goesOn ? [{ ...own, episode, reward }] : [])];
    }).flat();
    await write(decisions);
    bed.clock += 3_600_000;
    await look();
    const found = await find(id);
    expect(found).toMatchObject({
      stage: 'shadow',
      evidence: { units: 1_500, left_out: 0, promote: { fired: false }, improve: { fired: false } },
    });
  });

  test('over a step takes nothing back of versions that are as good', async () => {
    await makePolicy({ canary_steps: [0.5] });
    const { id } = await begin();
    await approve(id);
    const began = bed.clock;
    const step = began + 200_000;
    // A short episode is worth 0.5; of the others half go on and are worth 1, half end and are worth 0.
    const decisions = Array.from({ length: 1_500 }, (_, index): WrittenDecision[] => {
      const isCandidate = random() < 0.5;
      const of = { v1: [0.3, 0.7], baseline: [0.7, 0.3] };
      const own = isCandidate ? of.v1 : of.baseline;
      const chosen = random() < (own[0] ?? 0) ? 0 : 1;
      const isLong = chosen === 1 && random() < 0.5;
      const reward = chosen === 1 ? (isLong ? 1 : 0) : random() < 0.5 ? 1 : 0;
      const episode = `${bed.policy}-${index}`;
      const other = { version: isCandidate ? 'baseline' : 'v1', checkpoint: null, share: 0.5 };
      const first = plain(began + index * 100, {
        policy_version: isCandidate ? 'v1' : null,
        mode: isCandidate ? 'canary' : 'shadow_only',
        version_share: 0.5,
        probabilities: own,
        chosen,
        propensity: own[chosen],
        shadow: [{ ...other, probabilities: isCandidate ? of.baseline : of.v1 }],
      });
      const later = plain(step + 10 + index, {
        policy_version: 'v1',
        mode: 'live',
        shadow: [{ version: 'baseline', checkpoint: null, probabilities: [0.5, 0.5] }],
      });
      const both = isLong ? [first, later] : [first];
      return both.map((one) => Object.assign(one, { reward, episode }));
    }).flat();
    bed.clock = step;
    await approve(id);
    await write(decisions);
    bed.clock += 3_600_000;
    await look();
    const found = await find(id);
    // Nothing is known of those that went on, and what speaks for the version is assumed.
    expect(found).toMatchObject({ stage: 'active', waiting_for: [] });
    expect(found.evidence?.left_out).toBeGreaterThan(100);
  });

  test('after it had begun before the test counts for nothing, and is said', async () => {
    await makePolicy({ canary_steps: [0.25] });
    await saveSpecification(2, { scope: 'episode' });
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    await write(users.map((episode, index) => ({ ...plain(bed.clock + index), episode })));
    const { id } = await begin();
    await approve(id, 2);
    const shadow = [{ version: 'baseline', checkpoint: null, probabilities: [0.5, 0.5] }];
    await write(
      Array.from({ length: 3_000 }, (_, index) => ({
        ...plain(bed.clock + index, { policy_version: 'v1', mode: 'live', shadow }),
        episode: users[index % 100] ?? '',
      })),
    );
    bed.clock += 3_600_000;
    await look();
    const found = await find(id);
    expect(found.evidence).toMatchObject({ units: 0, uncounted: { older_episode: 3_000 } });
    expect(found.waiting_for.map(({ code }) => code)).toEqual(['unwatched']);
  });
});

test('a probability of next to nothing of what was not done leaves figures that can be kept', async () => {
  await makePolicy({ dwell: '1d' });
  const { id } = await begin();
  await write([
    ...Array.from({ length: 20 }, (_, index) => plain(bed.clock + index * 10)),
    plain(bed.clock + 300, { probabilities: [1, 1e-200], propensity: 1 }),
    ...Array.from({ length: 20 }, (_, index) => plain(bed.clock + 400 + index * 10)),
  ]);
  await look();
  await look();
  const { evidence } = await find(id);
  expect(evidence?.units).toBe(41);
  expect(Number.isFinite(evidence?.promote.log_wealth)).toBe(true);
  done(await rollouts.rollBack(TENANT, 'bob', id, { reason: 'x' }));
});

test('more decisions of one millisecond than a look takes in hold nobody up', async () => {
  await makePolicy({ dwell: '1d' });
  const { id } = await begin();
  const at = bed.clock + 10;
  await write(Array.from({ length: 1_600 }, () => plain(at)));
  const worker = createRolloutWorker({
    database,
    now: () => bed.clock,
    onMoved: () => undefined,
    onFailure: (_, error) => {
      throw error;
    },
  });
  let rounds = 0;
  while (rounds < 12 && (await worker.round())) rounds += 1;
  expect(rounds).toBeLessThan(12);
  expect((await find(id)).evidence?.units).toBe(1_600);
});

describe('a test that shows nothing', () => {
  test('does not retire what a person approves', async () => {
    await makePolicy({ canary_steps: [0.25], approval: ['canary'], max_units: 1_000 });
    const { id } = await begin();
    await serve(1_500, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] });
    await look();
    const waiting = await find(id);
    expect(waiting.waiting_for.map(({ code }) => code)).toEqual(['approval']);
    await approve(id);
    await look();
    expect(await find(id)).toMatchObject({ stage: 'canary', share: 0.25 });
  });

  test('leaves what served before where it can come back', async () => {
    await makePolicy({ canary_steps: [0.25], max_units: 1_000 }, { versions: { v1: {}, v2: {} } });
    const id = await actives('v1', 'v2');
    const again = await begin('v1');
    await serve(1_500, { candidate: 'v1', incumbent: 'v2', rewards: [0.5, 0.5] });
    await look();
    expect(await find(again.id)).toMatchObject({ stage: 'ended', outcome: 'retired' });
    expect((await find(id)).incumbent).toBe('v1');
    expect(await statuses()).toEqual({ v1: 'shadow', v2: 'active' });
  });
});

describe('a version that was active twice', () => {
  const names = { v0: {}, v1: {}, v2: {} };
  test('gives way to the one between, and that to the first', async () => {
    await makePolicy({ canary_steps: [0.25] }, { versions: names });
    const id = await actives('v0', 'v1', 'v2', 'v1');
    done(await rollouts.rollBack(TENANT, 'bob', id, { reason: 'x' }));
    expect(await statuses()).toEqual({ v0: 'shadow', v1: 'rolled_back', v2: 'active' });
    expect((await findOpen('v2')).incumbent).toBe('v0');
  });

  test('or to the first when the one between is retired', async () => {
    await makePolicy({ canary_steps: [0.25] }, { versions: names });
    const id = await actives('v0', 'v1', 'v2', 'v1');
    await policies.moves.retire(TENANT, 'ann', bed.policy, 'v2', false);
    await look();
    expect((await find(id)).incumbent).toBe('v0');
  });
});

test('of what not one reward is known nothing is shown, though both begin alike', async () => {
  await makePolicy({ canary_steps: [0.25], dwell: '1m', promote: 'non_inferior' });
  await db.sql(
    `update rlaas.reward_specs set definition = jsonb_set(definition::jsonb, '{inputs,sent,scope}', '"episode"')
     where tenant_id = $1 and policy = $2`,
    [TENANT, bed.policy],
  );
  const { id } = await begin();
  // The candidate cannot score the second decision of any episode.
  const decisions = Array.from({ length: 600 }, (_, index): WrittenDecision[] => {
    const at = bed.clock + index * 10;
    const episode = `${bed.policy}-${index}`;
    return [
      { ...plain(at), episode },
      { ...plain(at + 5, { shadow: [] }), episode },
    ];
  }).flat();
  await write(decisions);
  bed.clock += 3_700_000;
  await look();
  const { stage, evidence } = await find(id);
  expect(stage).toBe('shadow');
  expect(evidence).toMatchObject({ units: 600, left_out: 600, promote: { fired: false } });
});

test('no more versions are scored beside what serves than gateways score', async () => {
  await makePolicy({ canary_steps: [0.25] }, { versions: { v1: {}, v2: {}, v3: {}, v4: {}, v5: {} } });
  await actives('v1');
  const two = await begin('v2');
  await begin('v3');
  await begin('v4');
  await approve(two.id);
  expect(await policies.moves.shadow(TENANT, 'ann', bed.policy, 'v5')).toMatchObject({ outcome: 'refused' });
  await approve(two.id);
  expect(await rollouts.start(TENANT, 'ann', bed.policy, 'v5')).toMatchObject({ outcome: 'refused' });
  const scored = Object.values(await statuses()).filter((status) => status === 'shadow');
  expect(scored).toHaveLength(3);
});

test('a start takes the place of what was active longest ago, and never that of what would come back', async () => {
  const versions = { v1: {}, v2: {}, v3: {}, v4: {}, v5: {}, v6: {}, v7: {} };
  await makePolicy({ canary_steps: [0.25] }, { versions });
  await actives('v1', 'v2', 'v3', 'v4');
  const { transitions } = await begin('v5');
  expect(transitions).toMatchObject([
    { cause: 'start', reason: expect.stringContaining('version v1 was retired') },
  ]);
  expect(await statuses()).toMatchObject({
    v1: 'retired',
    v2: 'shadow',
    v3: 'shadow',
    v4: 'active',
    v5: 'shadow',
  });
  await begin('v6');
  expect(await statuses()).toMatchObject({ v2: 'retired', v3: 'shadow', v6: 'shadow' });
  expect(await rollouts.start(TENANT, 'ann', bed.policy, 'v7')).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('retire one of them first'),
  });
  const audit = await db.sql<{ actor: string; object: string }>(
    `select actor, object from rlaas.audit_log where action = 'policy_version.retire' and object like $1 order by object`,
    [`${bed.policy}/%`],
  );
  expect(audit).toEqual([
    { actor: 'ann', object: `${bed.policy}/v1` },
    { actor: 'ann', object: `${bed.policy}/v2` },
  ]);
});

test('nor of what would come back once another one was retired', async () => {
  const versions = { v1: {}, v2: {}, v3: {}, v4: {}, v5: {}, v6: {} };
  await makePolicy({ canary_steps: [0.25] }, { versions });
  const id = await actives('v1', 'v2', 'v3');
  await begin('v4');
  await policies.moves.retire(TENANT, 'ann', bed.policy, 'v2', false);
  await begin('v5');
  expect(await rollouts.start(TENANT, 'ann', bed.policy, 'v6')).toMatchObject({ outcome: 'refused' });
  done(await rollouts.rollBack(TENANT, 'bob', id, { reason: 'x' }));
  expect(await statuses()).toMatchObject({ v1: 'active' });
});

describe('exploration that is changed while a rollout goes on', () => {
  const explore = (share: number) =>
    db.sql(
      `update rlaas.policies set configuration = jsonb_set(configuration, '{baseline_exploration}', to_jsonb($3::float8))
       where tenant_id = $1 and name = $2`,
      [TENANT, bed.policy, share],
    );

  test('is what a version waited for', async () => {
    await makePolicy({ canary_steps: [0.25], dwell: '1m' }, { exploration: 0 });
    const { id } = await begin();
    await serve(50, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8], ofIncumbent: [1, 0] });
    await look();
    expect((await find(id)).waiting_for.map(({ code }) => code)).toContain('no_exploration');
    await explore(0.2);
    await look();
    expect((await find(id)).transitions.at(-1)).toMatchObject({
      cause: 'incumbent_changed',
      reason: 'what serves explores 0.2 at least now',
    });
    await serve(3_000, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8] });
    await look();
    expect((await find(id)).stage).toBe('canary');
  });

  test('makes a version one that explores less', async () => {
    await makePolicy(
      { canary_steps: [0.25], dwell: '1m' },
      { exploration: 0.05, versions: { v1: { minimum_probability: 0.05 } } },
    );
    const { id } = await begin();
    await explore(0.5);
    await look();
    for (const share of [0, 0.25]) {
      await serve(3_000, { candidate: 'v1', incumbent: null, rewards: [0.2, 0.8], share });
      await look();
    }
    const { stage, waiting_for: waiting } = await find(id);
    expect({ stage, codes: waiting.map(({ code }) => code) }).toEqual({
      stage: 'canary',
      codes: ['lowers_exploration'],
    });
  });
});

describe('what is usual', () => {
  const centreOf = async (id: string) => {
    const [row] = await db.sql<{ centre: number }>(
      "select (terms #>> '{gate,centre}')::float8 as centre from rlaas.rollouts where id = $1",
      [id],
    );
    return row?.centre;
  };

  test('is known though many decisions wait for their rewards, and is not told by those that come early', async () => {
    await makePolicy({});
    const past = Array.from({ length: 4_000 }, (_, index) => plain(bed.clock + index));
    await write(past);
    const early = Array.from({ length: 2_500 }, (_, index): WrittenDecision => {
      const one = plain(bed.clock + index);
      return { ...one, reward: index % 5 < 4 ? 0 : 'pending' };
    });
    const { clock } = bed;
    await write(early);
    // Their windows are open still.
    bed.clock = clock + 10_000;
    const { id } = await begin();
    expect(await centreOf(id)).toBe(1);
  });
});
