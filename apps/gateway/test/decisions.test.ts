// The gateway over a real Postgres and a real object store: what it answers, what it refuses, what it loads.
import { createHash } from 'node:crypto';
import { newId } from '@rlaas/database';
import { Choice, DecisionFeatures, createLinearPolicy, emptyPolicyState, encodeModel } from '@rlaas/learning';
import { createObjectStore } from '@rlaas/object-store';
import {
  type Decision,
  type LoggedDecision,
  type Problem,
  decisionSchema,
  loggedDecisionSchema,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { startTestGateway } from './support/test-gateway.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const configuration = versionConfigurationSchema.parse({ learner: { bits: 10 } });
await db.sql(
  `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'p', '{}', 'api')`,
  [TENANT],
);
await db.sql(
  `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
   values ($1, 'p', 'v1', 'active', $2, 'api')`,
  [TENANT, configuration],
);
const gateway = await startTestGateway(db.url);
const store = createObjectStore({ kind: 'directory', root: gateway.env.OBJECT_STORE_DIR });
afterAll(async () => {
  await gateway.stop();
  gateway.remove();
});

const actions = [{ id: 'a' }, { id: 'b' }];
const decide = (asked: object) =>
  gateway.send<Decision & Problem>('/v1/decisions', { policy: 'p', actions, ...asked });

/** A model that was taught that `b` is right. */
function taught(examples: number): Uint8Array {
  const state = emptyPolicyState(configuration);
  const policy = createLinearPolicy(configuration);
  const features = new DecisionFeatures();
  for (let i = 0; i < examples; i += 1) {
    features.read({ x: 1 }, actions);
    policy.learn(state, { features, decisionId: String(i), chosen: i % 2, propensity: 0.5, reward: i % 2 });
  }
  return encodeModel(state, configuration, { policy: 'p', version: 'v1', position: examples });
}

async function register(number: number, bytes: Uint8Array, stored = bytes): Promise<void> {
  const key = `checkpoints/test/${number}.safetensors`;
  await store.put(key, stored);
  await db.sql(
    `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256)
     values ($1, 'p', 'v1', $2::int, $2::int, $3, $4)`,
    [TENANT, number, key, createHash('sha256').update(bytes).digest('hex')],
  );
}

describe('POST /v1/decisions', () => {
  test('answers what the schema says, the same for a repeated id', async () => {
    const id = newId(Date.now());
    const { status, body } = await decide({ id, context: { x: 1 }, external_id: 'e', excluded: [] });
    expect(status).toBe(200);
    expect(decisionSchema.strict().parse(body)).toMatchObject({ id, policy_version: 'v1', mode: 'live' });
    expect((await decide({ id, context: { y: 2 } })).body).toEqual(body);
  });

  test.each([
    ['no policy', { policy: undefined }, '/policy', 'is required'],
    ['an unknown member', { polizy: 'p' }, '/polizy', 'polizy'],
    [
      '1,001 actions',
      { actions: Array.from({ length: 1_001 }, (_, i) => ({ id: `a${i}` })) },
      '/actions',
      '1000',
    ],
    ['no actions', { actions: [] }, '/actions', 'at least 1'],
    ['ids that occur twice', { actions: [{ id: 'a' }, { id: 'a' }] }, '/actions', 'unique'],
    ['everything excluded', { excluded: ['a', 'b'] }, '/excluded', 'must not exclude every action'],
    ['an exclusion of nobody', { excluded: ['c'] }, '/excluded/0', 'a listed action'],
    ['sticky without an episode', { sticky: 'episode' }, '/episode_id', 'is required'],
    ['an id that is none', { id: 'x' }, '/id', 'UUIDv7'],
    ['an id of last week', { id: newId(Date.now() - 7 * 86_400_000) }, '/id', 'a day ago'],
    [
      'a text that cannot be stored',
      { context: { deep: { a: '\0' } } },
      '/context/deep/a',
      'cannot be stored',
    ],
    ['a feature that is none', { context: { a: ['x'] } }, '/context/a/0', 'must be a finite number'],
  ])('%s is 400 with the place', async (_name, changes, path, words) => {
    const { status, body } = await decide(changes);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', path, retryable: false });
    expect(body.detail).toContain(words);
  });

  test('features that are not finite, as JSON can say them', async () => {
    for (const number of ['1e400', '-1e400']) {
      const { status, body } = await gateway.send<Problem>(
        '/v1/decisions',
        `{"policy":"p","context":{"a":{"b":[1,${number}]}},"actions":[{"id":"a"}]}`,
      );
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
      expect(body.path).toMatch(/^\/context\/a/);
    }
  });

  test('an unknown policy is 404, a body that is no JSON 400, one that is too large 413', async () => {
    expect(await decide({ policy: 'nobody' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await gateway.send('/v1/decisions', '{"policy":')).toMatchObject({
      status: 400,
      body: { code: 'invalid_json' },
    });
    expect(await decide({ context: { a: 'x'.repeat(600_000) } })).toMatchObject({ status: 413 });
    expect((await gateway.send('/v1/decisions', { policy: 'p', actions }, 'nobody')).status).toBe(401);
  });

  test('whatever is sent: never a 500, and every answer is a decision or a problem', async () => {
    const json = fc.json({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          json,
          json.map((context) => `{"policy":"p","actions":[{"id":"a"},{"id":"b"}],"context":${context}}`),
          json.map((listed) => `{"policy":"p","actions":${listed}}`),
          json.map((features) => `{"policy":"p","actions":[{"id":"a","features":${features}}]}`),
        ),
        async (body) => {
          const answer = await gateway.send<{ code?: string; mode?: string }>('/v1/decisions', body);
          expect([200, 400, 404]).toContain(answer.status);
          expect(answer.status === 200 ? answer.body.mode : answer.body.code).toBeDefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what is loaded', () => {
  test('a checkpoint decides as soon as it is registered, a damaged one is refused and the last good one stays', async () => {
    await register(1, taught(400));
    await expect
      .poll(async () => (await decide({ context: { x: 1 } })).body.checkpoint, {
        timeout: 10_000,
        interval: 20,
      })
      .toBe(1);
    expect((await decide({ context: { x: 1 } })).body.ranking[0]?.id).toBe('b');

    const good = taught(500);
    const damaged = Uint8Array.from(good);
    damaged[damaged.length - 5] = (damaged.at(-5) ?? 0) ^ 255;
    await register(2, good, damaged);
    const refused = async () => /artefacts_refused (\d+)/.exec(await gateway.registry.metrics())?.[1];
    await expect.poll(refused, { timeout: 10_000 }).toBe('1');
    expect((await decide({ context: { x: 1 } })).body.checkpoint).toBe(1);
    // A newer one mends it.
    await register(3, taught(600));
    await expect.poll(async () => (await decide({})).body.checkpoint, { timeout: 10_000 }).toBe(3);
    expect(await refused()).toBe('0');
  });

  test('requests that are under way while checkpoints change are all answered, by one of them', async () => {
    const seen = new Set<number | null>();
    let next = 4;
    const until = Date.now() + 3_000;
    const registering = (async () => {
      while (Date.now() < until) {
        await register(next, taught(100 + next));
        next += 1;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    })();
    while (Date.now() < until) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => decide({ context: { x: 1 } })));
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        seen.add(body.checkpoint);
      }
    }
    await registering;
    expect(seen.size).toBeGreaterThan(3);
  });
});

describe('GET /v1/decisions/{id}', () => {
  test('shows what was logged, and parts that add up to the scores behind the probabilities', async () => {
    const context = { x: 1, topic: 'refund' };
    const { body: decision } = await decide({ context, episode_id: 'ticket-1', excluded: ['a'] });
    const { status, body } = await gateway.send<LoggedDecision>(`/v1/decisions/${decision.id}`);
    expect(status).toBe(200);
    expect(loggedDecisionSchema.parse(body)).toMatchObject({ ...decision, episode_id: 'ticket-1' });
    expect(body.logged).toMatchObject({ context, excluded: ['a'], mode: 'live' });
    const { explanation } = body;
    if (!explanation.available) throw new Error(explanation.reason);
    const { model } = gateway.catalogue.find(TENANT, 'p')?.active ?? {};
    const features = new DecisionFeatures();
    const choice = new Choice();
    features.read(context, actions);
    if (model) createLinearPolicy(configuration).decide(model, features, undefined, choice);
    for (const [index, { score, contributions, others }] of explanation.actions.entries()) {
      const sum = contributions.reduce((total, { contribution }) => total + contribution, others);
      expect(sum).toBeCloseTo(score, 9);
      expect(score).toBeCloseTo(choice.scores[index] ?? Number.NaN, 9);
    }
    expect(explanation.actions[1]?.contributions.map(({ feature }) => feature)).toContain('x^action.id=b');
  });

  test('an old decision comes from Postgres, and says so when its checkpoint is no longer kept', async () => {
    const id = newId(Date.now());
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data, fingerprint, batch_id, ordinal)
       values ($1, $2, 'decision', 1, now(), now(), 'p', $2, 'gateway', $3, '00112233445566778899aabbccddeeff', 1, 1)`,
      [
        TENANT,
        id,
        {
          context: {},
          actions,
          probabilities: [0.5, 0.5],
          chosen: 0,
          propensity: 0.5,
          policy_version: 'v1',
          checkpoint: 999,
          mode: 'live',
          shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.5, 0.5] }],
        },
      ],
    );
    const { body } = await gateway.send<LoggedDecision>(`/v1/decisions/${id}`);
    expect(body.explanation).toEqual({
      available: false,
      reason: 'Checkpoint 999 of version v1 is no longer kept.',
    });
    const unscored = await gateway.send<LoggedDecision>(`/v1/decisions/${id}?version=v9`);
    expect(unscored.body.explanation).toMatchObject({ available: false });
  });

  test('while the baseline plays, a version in shadow can be asked for', async () => {
    const asked = await gateway.send<Decision>('/v1/decisions', {
      policy: 'support-draft',
      context: { topic: 'bug' },
    });
    const path = `/v1/decisions/${asked.body.id}`;
    expect((await gateway.send<LoggedDecision>(path)).body.explanation.available).toBe(false);
    expect(
      (await gateway.send<LoggedDecision>(`${path}?version=support-draft-v0`)).body.explanation,
    ).toMatchObject({
      available: true,
      version: 'support-draft-v0',
      actions: [{ id: 'template' }, { id: 'concise' }, { id: 'empathetic' }, { id: 'step-by-step' }],
    });
  });

  test('one that nobody made is 404', async () => {
    expect(await gateway.send(`/v1/decisions/${newId(Date.now())}`)).toMatchObject({ status: 404 });
  });
});
