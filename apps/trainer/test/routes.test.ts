import { createHash, randomBytes } from 'node:crypto';
import {
  createJobs,
  createDatabase,
  createKeyManagement,
  createKeyStore,
  newId,
  withOwner,
  storeOperatorKey,
} from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, generateKey } from '@rlaas/service';
import { documentingOptions } from '@rlaas/service/openapi-file';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createEvaluations } from '../src/evaluations/evaluations.ts';
import { createPolicies } from '../src/policies/policies.ts';
import { createRollouts } from '../src/rollouts/rollouts.ts';
import { createTenantAdministration } from '../src/tenants/tenant-administration.ts';
import { createTrainingRuns } from '../src/training-runs/training-runs.ts';

const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 4,
  applicationName: 'trainer',
  onIdleError: () => undefined,
});
const freshKey = () => generateKey(randomBytes);
const options = documentingOptions();
let clock = Date.now();
const now = () => clock;
const authenticator = createAuthenticator({
  service: 'trainer',
  store: createKeyStore(database),
  staleMaxMs: 0,
  environment: 'local',
  now,
  logger: options.logger,
  registry: options.registry,
});
const jobs = createJobs({ database, now });
const app = await buildApp({
  ...options,
  authenticator,
  tenants: createTenantAdministration({ database, freshKey, now }),
  keys: createKeyManagement({ database, freshKey, now }),
  policies: createPolicies({ database, now }),
  rollouts: createRollouts({ database, now }),
  jobs,
  trainingRuns: createTrainingRuns({ database, jobs, queue: () => undefined }),
  evaluations: createEvaluations({ database, jobs, queue: () => undefined }),
});
const operator = await withOwner(db.ownerUrl, async (client) => {
  await client.query('begin; set local role rlaas_owner');
  const created = await storeOperatorKey(client, { name: 'ops', actor: 'test' }, freshKey(), clock);
  await client.query('commit');
  return created.key;
});
afterAll(async () => {
  await app.close();
  await database.close();
});

async function call(method: 'GET' | 'POST' | 'DELETE', url: string, key: string, payload?: object) {
  const response = await app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}` },
    ...(payload && { payload }),
  });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}
/** Beyond the time for which the answer about a key is fresh. */
const later = (): number => (clock += 6_000);

describe('tenants', () => {
  test('are made with a first key, listed by pages, closed; a slug is used once', async () => {
    const created = await call('POST', '/v1/tenants', operator, { slug: 'beta', name: 'Beta' });
    expect(created).toMatchObject({
      status: 201,
      body: { slug: 'beta', closed_at: null, api_key: { scopes: ['admin'] } },
    });
    const key = (created.body['api_key'] as { key: string }).key;
    expect(await call('GET', '/v1/whoami', key)).toMatchObject({
      status: 200,
      body: { tenant: { slug: 'beta' } },
    });
    expect(await call('POST', '/v1/tenants', operator, { slug: 'beta', name: 'Again' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });

    const first = await call('GET', '/v1/tenants?limit=1', operator);
    expect(first.body['items']).toMatchObject([{ slug: 'acme-support' }]);
    const second = await call(
      'GET',
      `/v1/tenants?limit=1&cursor=${String(first.body['next_cursor'])}`,
      operator,
    );
    expect(second.body).toMatchObject({ items: [{ slug: 'beta' }], next_cursor: null });

    expect(await call('DELETE', '/v1/tenants/beta', operator)).toMatchObject({ status: 200 });
    later();
    expect(await call('GET', '/v1/whoami', key)).toMatchObject({
      status: 401,
      body: { code: 'key_revoked' },
    });
    expect(await call('POST', '/v1/tenants', operator, { slug: 'beta', name: 'Again' })).toMatchObject({
      status: 409,
    });
    expect(await call('GET', '/v1/tenants/beta', operator)).toMatchObject({
      body: { closed_at: expect.any(String) },
    });
    expect(await call('GET', '/v1/tenants/gamma', operator)).toMatchObject({ status: 404 });
  });

  test('twenty at once for one slug: one is made', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('POST', '/v1/tenants', operator, { slug: 'raced', name: 'Raced' }),
      ),
    );
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
  });
});

describe('API keys', () => {
  test('made, shown without the key, rotated with a grace, revoked', async () => {
    const created = await call('POST', '/v1/api-keys', SEED_API_KEY, {
      name: 'shop',
      scopes: ['policies:read'],
    });
    const { id, key } = created.body as { id: string; key: string };
    const shown = await call('GET', `/v1/api-keys/${id}`, SEED_API_KEY);
    expect(shown).toMatchObject({ status: 200, body: { id, name: 'shop' } });
    expect(JSON.stringify(shown.body)).not.toContain(key);
    expect(await call('GET', '/v1/policies', key)).toMatchObject({ status: 200 });
    expect(await call('GET', '/v1/api-keys', key)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });

    const rotated = await call('POST', `/v1/api-keys/${id}/rotate`, SEED_API_KEY, { grace: '1m' });
    expect(rotated.status).toBe(201);
    later();
    expect(await call('GET', '/v1/policies', key)).toMatchObject({ status: 200 });
    expect(await call('GET', '/v1/policies', String(rotated.body['key']))).toMatchObject({ status: 200 });
    clock += 60_000;
    expect(await call('GET', '/v1/policies', key)).toMatchObject({
      status: 401,
      body: { code: 'key_revoked' },
    });
    // Without a body: the default grace.
    expect(await call('POST', `/v1/api-keys/${id}/rotate`, SEED_API_KEY)).toMatchObject({ status: 409 });

    const successor = String(rotated.body['id']);
    expect(await call('DELETE', `/v1/api-keys/${successor}`, SEED_API_KEY)).toMatchObject({ status: 200 });
    later();
    expect(await call('GET', '/v1/policies', String(rotated.body['key']))).toMatchObject({ status: 401 });
    const stored = await db.sql('select from rlaas.api_keys where hash = $1', [
      createHash('sha256').update(key).digest(),
    ]);
    expect(stored).toHaveLength(1);
  });

  test('mistakes are named by their place, all of them', async () => {
    const answer = await call('POST', '/v1/api-keys', SEED_API_KEY, {
      name: '',
      kind: 'publishable',
      scopes: ['fly'],
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const paths = (answer.body['errors'] as { path: string }[]).map((error) => error.path);
    expect(paths).toEqual(expect.arrayContaining(['/name', '/scopes/0']));
    expect(await call('GET', '/v1/api-keys?limit=0', SEED_API_KEY)).toMatchObject({
      status: 400,
      body: { path: '/query/limit' },
    });
    expect(await call('GET', '/v1/api-keys/nonsense', SEED_API_KEY)).toMatchObject({
      status: 400,
      body: { path: '/params/id' },
    });
  });

  test('what the database cannot store is the mistake of the request', async () => {
    const common = { scopes: ['policies:read'] };
    for (const body of [
      { ...common, name: 'a\u0000b' },
      { ...common, name: 'x', expires_at: '0000-01-01T00:00:00.000Z' },
    ]) {
      expect(await call('POST', '/v1/api-keys', SEED_API_KEY, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
    const cursor = Buffer.from('1:a\0b').toString('base64url');
    expect(await call('GET', `/v1/policies?cursor=${cursor}`, SEED_API_KEY)).toMatchObject({ status: 400 });
    const id = '0190a000-0000-7000-8000-000000000002';
    expect(
      await call('POST', `/v1/api-keys/${id}/rotate`, SEED_API_KEY, { grace: '999999999d' }),
    ).toMatchObject({
      status: 400,
      body: { path: '/grace' },
    });
  });

  test('pages go through all keys, each once', async () => {
    const all: unknown[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `/v1/api-keys?limit=2${cursor}`, SEED_API_KEY);
      all.push(...(page.body['items'] as { id: string }[]).map((key) => key.id));
      const next = page.body['next_cursor'];
      cursor = typeof next === 'string' ? `&cursor=${next}` : '';
    } while (cursor !== '');
    const stored = await db.sql<{ id: string }>(
      "select id from rlaas.api_keys where kind <> 'operator' and tenant_id = '0190a000-0000-7000-8000-000000000001' order by id",
    );
    expect(all).toEqual(stored.map((row) => row.id));
  });
});

describe('policies', () => {
  test('the seed shows as the schemas say', async () => {
    expect(await call('GET', '/v1/policies', SEED_API_KEY)).toMatchObject({
      status: 200,
      body: { items: [{ name: 'support-draft', source: 'seed' }], next_cursor: null },
    });
    expect(await call('GET', '/v1/policies/support-draft/versions', SEED_API_KEY)).toMatchObject({
      body: {
        items: [
          { name: 'support-draft-v0', status: 'shadow', configuration: { explorer: { kind: 'squarecb' } } },
        ],
      },
    });
    expect(await call('GET', '/v1/policies/nothing/versions', SEED_API_KEY)).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'There is no policy "nothing".' },
    });
  });
});

test('with the database away, changes are 503 and say that nothing was stored', async () => {
  const away = createDatabase({
    url: 'postgres://a:b@127.0.0.1:1/x',
    poolMax: 1,
    applicationName: 'away',
    onIdleError: () => undefined,
  });
  const cut = await buildApp({
    ...documentingOptions(),
    authenticator,
    tenants: createTenantAdministration({ database: away, freshKey, now }),
    keys: createKeyManagement({ database: away, freshKey, now }),
    policies: createPolicies({ database: away, now }),
    rollouts: createRollouts({ database: away, now }),
    jobs,
    trainingRuns: createTrainingRuns({ database, jobs, queue: () => undefined }),
    evaluations: createEvaluations({ database, jobs, queue: () => undefined }),
  });
  const response = await cut.inject({
    url: '/v1/policies',
    headers: { authorization: `Bearer ${SEED_API_KEY}` },
  });
  expect(response.statusCode).toBe(503);
  expect(response.json()).toMatchObject({ code: 'database_unavailable', retryable: true });
  expect(response.body).not.toContain('127.0.0.1');
  await cut.close();
  await away.close();
});

describe('jobs', () => {
  const insert = (status: string) =>
    db.sql<{ id: string }>(
      `insert into rlaas.jobs (tenant_id, id, kind, input, status, actor, created_at)
       select id, $1, 'reward_recompute', '{"version": 1}', $2, 'test', now() from rlaas.tenants where slug = 'acme-support'
       returning id`,
      [newId(now()), status],
    );

  test('are listed and shown; one that waits is cancelled at once, one that runs is told to stop', async () => {
    const [queued] = await insert('queued');
    const [running] = await insert('running');
    if (!queued || !running) throw new Error('no jobs were stored');
    const ids = async (query: string) =>
      ((await call('GET', `/v1/jobs${query}`, SEED_API_KEY)).body['items'] as { id: string }[]).map(
        ({ id }) => id,
      );
    expect(await ids('')).toEqual([running.id, queued.id].toSorted().toReversed());
    expect(await ids('?status=queued')).toEqual([queued.id]);
    expect(await ids('?kind=training')).toEqual([]);
    expect(await call('GET', `/v1/jobs/${queued.id}`, SEED_API_KEY)).toMatchObject({
      status: 200,
      body: {
        kind: 'reward_recompute',
        status: 'queued',
        input: { version: 1 },
        progress: null,
        error: null,
      },
    });
    expect(await call('POST', `/v1/jobs/${queued.id}/cancel`, SEED_API_KEY)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', finished_at: expect.any(String) },
    });
    expect(await call('POST', `/v1/jobs/${running.id}/cancel`, SEED_API_KEY)).toMatchObject({
      body: { status: 'running', cancel_requested_at: expect.any(String), finished_at: null },
    });
    expect(await call('GET', `/v1/jobs/${newId(now())}`, SEED_API_KEY)).toMatchObject({ status: 404 });
  });
});

describe('training runs', () => {
  const wanted = {
    policy: 'support-draft',
    version: 'support-draft-v0',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
  };

  test('mistakes and what cannot be are told with the reason', async () => {
    const answers = [];
    for (const over of [
      { to: wanted.from },
      { passes: 21 },
      { from: 'yesterday' },
      { version: 'nobody' },
      {},
    ]) {
      const { status, body } = await call('POST', '/v1/training-runs', SEED_API_KEY, { ...wanted, ...over });
      answers.push([status, body['path'] ?? body['detail']]);
    }
    expect(answers).toEqual([
      [400, '/to'],
      [400, '/passes'],
      [400, '/from'],
      [404, 'Policy "support-draft" has no version "nobody".'],
      [409, expect.stringContaining('Version "support-draft-v0" is shadow')],
    ]);
  });

  test('as long as the queue is away it is told to try again', async () => {
    await call('POST', '/v1/policies/support-draft/versions', SEED_API_KEY, { name: 'to-train' });
    const id = newId(clock);
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 source, data, fingerprint, batch_id, ordinal)
       values ('0190a000-0000-7000-8000-000000000001', $1, 'decision', 1, $2, $2, 'support-draft', $1, 'gateway', '{}',
               '00112233445566778899aabbccddeeff', 1, 1)`,
      [id, '2026-01-01T12:00:00.000Z'],
    );
    await db.sql(
      `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
       values ('0190a000-0000-7000-8000-000000000001', $1, 1, 'support-draft', 'final', 1, $2, $2)`,
      [id, '2026-01-01T12:00:00.000Z'],
    );
    expect(
      await call('POST', '/v1/training-runs', SEED_API_KEY, { ...wanted, version: 'to-train' }),
    ).toMatchObject({ status: 503, body: { code: 'database_unavailable', retryable: true } });
    expect(await call('GET', '/v1/training-runs', SEED_API_KEY)).toEqual({
      status: 200,
      body: { items: [], next_cursor: null },
    });
    expect(await call('GET', '/v1/training-runs?cursor=MTp4', SEED_API_KEY)).toMatchObject({
      status: 400,
      body: { path: '/query/cursor' },
    });
  });
});

describe('evaluations', () => {
  const wanted = {
    policy: 'support-draft',
    target: { logging: true },
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
  };

  test('what cannot be is refused with the reason and the place', async () => {
    const answers: unknown[] = [];
    for (const over of [
      { to: wanted.from },
      { target: {} },
      { target: { logging: true, logged: 'v1' } },
      { target: { declared: { probabilities: { a: 0.5, b: 0.4 } } } },
      { target: { baseline: { exploration: 2 } } },
      { target: { version: 'nobody' } },
      { policy: 'nobody' },
      { from: '2020-01-01T00:00:00.000Z', to: '2020-01-02T00:00:00.000Z' },
    ]) {
      const { status, body } = await call('POST', '/v1/evaluations', SEED_API_KEY, { ...wanted, ...over });
      answers.push([status, body['path'] ?? body['detail']]);
    }
    expect(answers).toEqual([
      [400, '/to'],
      [400, expect.stringMatching(/^\/target/)],
      [400, expect.stringMatching(/^\/target/)],
      [400, expect.stringMatching(/^\/target/)],
      [400, expect.stringMatching(/^\/target/)],
      [404, 'Policy "support-draft" has no version "nobody".'],
      [404, 'There is no policy "nobody".'],
      [409, expect.stringContaining('has a final reward')],
    ]);
  });

  test('as long as the queue is away it is told to try again; lists and single ones are answered', async () => {
    const id = newId(clock);
    await db.sql(
      `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id,
                                 source, data, fingerprint, batch_id, ordinal)
       values ('0190a000-0000-7000-8000-000000000001', $1, 'decision', 1, $2, $2, 'support-draft', $1, 'gateway', '{}',
               '00112233445566778899aabbccddeeff', 1, 2)`,
      [id, '2026-01-01T13:00:00.000Z'],
    );
    await db.sql(
      `insert into rlaas.rewards (tenant_id, decision_id, spec_version, policy, status, value, occurred_at, deadline)
       values ('0190a000-0000-7000-8000-000000000001', $1, 1, 'support-draft', 'final', 1, $2, $2)`,
      [id, '2026-01-01T13:00:00.000Z'],
    );
    expect(await call('POST', '/v1/evaluations', SEED_API_KEY, wanted)).toMatchObject({
      status: 503,
      body: { code: 'database_unavailable', retryable: true },
    });
    expect(await call('GET', '/v1/evaluations?policy=support-draft', SEED_API_KEY)).toEqual({
      status: 200,
      body: { items: [], next_cursor: null },
    });
    expect(await call('GET', '/v1/evaluations?cursor=MTp4', SEED_API_KEY)).toMatchObject({
      status: 400,
      body: { path: '/query/cursor' },
    });
    expect(await call('GET', `/v1/evaluations/${id}`, SEED_API_KEY)).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: `There is no evaluation ${id}.` },
    });
  });
});
