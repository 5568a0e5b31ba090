import { randomBytes } from 'node:crypto';
import { createJobs, createDatabase, createKeyManagement, createKeyStore, newId } from '@rlaas/database';
import { policyConfigurationSchema, SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, generateKey } from '@rlaas/service';
import { documentingOptions } from '@rlaas/service/openapi-file';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createEvaluations } from '../src/evaluations/evaluations.ts';
import { createPolicies } from '../src/policies/policies.ts';
import { createRollouts } from '../src/rollouts/rollouts.ts';
import { createTenantAdministration } from '../src/tenants/tenant-administration.ts';
import { createTrainingRuns } from '../src/training-runs/training-runs.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const OTHER = newId(Date.now());
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 6,
  applicationName: 'trainer',
  onIdleError: () => undefined,
});
const freshKey = () => generateKey(randomBytes);
const options = documentingOptions();
const now = Date.now;
const keys = createKeyManagement({ database, freshKey, now });
const jobs = createJobs({ database, now: Date.now });
const app = await buildApp({
  ...options,
  authenticator: createAuthenticator({
    service: 'trainer',
    store: createKeyStore(database),
    staleMaxMs: 0,
    environment: 'local',
    now,
    logger: options.logger,
    registry: options.registry,
  }),
  tenants: createTenantAdministration({ database, freshKey, now }),
  keys,
  policies: createPolicies({ database, now }),
  rollouts: createRollouts({ database, now }),
  jobs,
  trainingRuns: createTrainingRuns({ database, jobs, queue: () => undefined }),
  evaluations: createEvaluations({ database, jobs, queue: () => undefined }),
});
afterAll(async () => {
  await app.close();
  await database.close();
});

type Method = 'GET' | 'POST' | 'PUT';
const keyOf: Record<string, string> = { admin: SEED_API_KEY };

async function call(
  method: Method,
  url: string,
  payload?: object,
  { headers = {}, as = 'admin' }: { headers?: Record<string, string>; as?: string } = {},
) {
  const response = await app.inject({
    method,
    url: `/v1/policies${url}`,
    headers: { authorization: `Bearer ${keyOf[as]}`, ...headers },
    ...(payload && { payload }),
  });
  return {
    status: response.statusCode,
    etag: String(response.headers['etag']),
    body: response.json<Record<string, unknown>>(),
  };
}
const put = (policy: string, configuration: object, more: object = {}, headers = {}) =>
  call('PUT', `/${policy}`, { configuration, ...more }, { headers });
const audit = (object: string) =>
  db.sql('select actor, action, details from rlaas.audit_log where object = $1 order by id', [object]);

beforeAll(async () => {
  await db.sql(`insert into rlaas.tenants (id, slug, name) values ($1, 'other', 'Other')`, [OTHER]);
  const make = async (tenant: string, scopes: ('admin' | 'policies:read' | 'policies:write')[]) =>
    (await keys.create(tenant, 'test', { name: 'test', kind: 'secret', scopes, allowed_origins: [] })).key;
  keyOf['reader'] = await make(TENANT, ['policies:read']);
  keyOf['writer'] = await make(TENANT, ['policies:write']);
  keyOf['other'] = await make(OTHER, ['admin']);
});

describe('a policy', () => {
  test('is made, shown, changed; the same again changes nothing; each change is logged', async () => {
    const first = await put('routing', { description: 'one' });
    expect(first).toMatchObject({
      status: 201,
      body: {
        name: 'routing',
        source: 'api',
        configuration: { description: 'one', baseline_exploration: 0.1 },
      },
    });
    const shown = await call('GET', '/routing');
    expect(shown).toEqual({ ...first, status: 200 });
    // The default said or not said is the same.
    const again = await put('routing', { baseline_exploration: 0.1, description: 'one' }, { source: 'yaml' });
    expect(again).toEqual(shown);
    const changed = await put('routing', { description: 'two' }, { source: 'yaml' });
    expect(changed).toMatchObject({
      status: 200,
      body: { source: 'yaml', configuration: { description: 'two' } },
    });
    expect(changed.etag).not.toBe(first.etag);
    expect(await audit('routing')).toEqual([
      { actor: expect.stringMatching(/^key:/), action: 'policy.create', details: { source: 'api' } },
      {
        actor: expect.stringMatching(/^key:/),
        action: 'policy.change',
        details: {
          source: 'yaml',
          before: policyConfigurationSchema.parse({ description: 'one', baseline_exploration: 0.1 }),
        },
      },
    ]);
  });

  test('of two changes that begin from the same state one is refused, whatever way they take', async () => {
    const { etag } = await put('raced', { description: 'zero' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        put('raced', { description: `change ${index}` }, {}, { 'if-match': etag }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(9);
    expect(refused[0]?.body).toMatchObject({ code: 'conflict', detail: expect.stringContaining('etag') });
  });

  test('of ten that are to be new, one is; without an expectation all of them hold', async () => {
    const only = { 'if-none-match': '*' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => put('new', { description: `${index}` }, {}, only)),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array<number>(9).fill(409),
    ]);
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) => put('any', { description: `${index}` })),
    );
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(9).fill(200),
      201,
    ]);
    expect(await put('none', {}, {}, { 'if-match': '*' })).toMatchObject({ status: 409 });
    expect(await put('any', {}, {}, { 'if-match': 'bare' })).toMatchObject({
      status: 400,
      body: { path: '/headers/if-match' },
    });
    expect(await put('any', {}, {}, { 'if-match': '*' })).toMatchObject({ status: 200 });
  });

  test('mistakes are named by their places', async () => {
    const answer = await put('wrong', {
      actions: [{ id: 'a' }, { id: 'a' }],
      baseline_exploration: 2,
      nonsense: true,
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const paths = (answer.body['errors'] as { path: string }[]).map((error) => error.path);
    expect(paths.toSorted()).toEqual([
      '/configuration/actions/1/id',
      '/configuration/baseline_exploration',
      '/configuration/nonsense',
    ]);
    expect(await put('Wrong', {})).toMatchObject({ status: 400, body: { path: '/params/policy' } });
  });

  test('what the database cannot store is the mistake of the request, and odd names are kept as they are', async () => {
    for (const text of ['a\u0000b', '\ud800']) {
      const features = { x: text };
      expect(await put('odd', { actions: [{ id: 'a', features }] }), JSON.stringify(text)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
    const configuration = JSON.parse(
      '{"actions": [{"id": "a", "features": {"constructor": 1, "a/b~c": 2, "ü": {"": 0}}}]}',
    ) as object;
    expect(await put('odd', configuration)).toMatchObject({ status: 400 });
    const named = { actions: [{ id: 'a', features: { constructor: 1, 'a/b~c': 2, ü: { deep: 0 } } }] };
    expect(await put('odd', named)).toMatchObject({ status: 201, body: { configuration: named } });
    expect(await put('odd', named)).toMatchObject({ status: 200, body: { configuration: named } });
  });

  test('keeps the actions that an open version needs', async () => {
    await put('fixed', { actions: [{ id: 'a' }, { id: 'b' }] });
    const fixed = { explorer: { kind: 'fixed', probabilities: { a: 0.5, b: 0.5 } } };
    await call('POST', '/fixed/versions', { name: 'v1', configuration: fixed });
    const without = { actions: [{ id: 'a' }] };
    expect(await put('fixed', without)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('Version "v1" gives probabilities to b') },
    });
    await call('POST', '/fixed/versions/v1/retire');
    expect(await put('fixed', without)).toMatchObject({ status: 200 });
  });
});

describe('a version', () => {
  test('begins as a draft and never changes', async () => {
    await put('versioned', {});
    const wanted = { name: 'v1', configuration: { minimum_probability: 0.05 } };
    const made = await call('POST', '/versioned/versions', wanted);
    expect(made).toMatchObject({
      status: 201,
      body: { policy: 'versioned', name: 'v1', status: 'draft', source: 'api' },
    });
    expect(await call('POST', '/versioned/versions', wanted)).toMatchObject({ status: 200, body: made.body });
    expect(await call('GET', '/versioned/versions/v1')).toMatchObject({ status: 200, body: made.body });
    expect(
      await call('POST', '/versioned/versions', { name: 'v1', configuration: { learner: { bits: 20 } } }),
    ).toMatchObject({
      status: 409,
      body: {
        code: 'conflict',
        detail: expect.stringContaining('differs in /minimum_probability, /learner/bits'),
      },
    });
    expect(await call('GET', '/versioned/versions/v1')).toMatchObject({ body: made.body });
    expect(await audit('versioned/v1')).toMatchObject([{ action: 'policy_version.create' }]);
  });

  test('twenty at once of one name: one is made, and whoever wanted another one is told', async () => {
    await put('crowded', {});
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        call('POST', '/crowded/versions', {
          name: 'v1',
          configuration: { minimum_probability: index % 2 ? 0.1 : 0.2 },
        }),
      ),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(201), count(200), count(409)]).toEqual([1, 9, 10]);
  });

  test('names actions of its policy, floors that can be evaluated, and a policy that is there', async () => {
    await put('strict', { actions: [{ id: 'a' }, { id: 'b/c' }] });
    const make = (configuration: object) => call('POST', '/strict/versions', { name: 'v1', configuration });
    expect(await make({ explorer: { kind: 'fixed', probabilities: { a: 0.5, x: 0.5 } } })).toMatchObject({
      status: 400,
      body: { path: '/configuration/explorer/probabilities/x' },
    });
    expect(await make({ minimum_probability: 0.001 })).toMatchObject({
      status: 400,
      body: { path: '/configuration/minimum_probability' },
    });
    expect(await make({ minimum_probability: 0 })).toMatchObject({ status: 201 });
    expect(await call('POST', '/nothing/versions', { name: 'v1' })).toMatchObject({ status: 404 });
    expect(await call('GET', '/strict/versions/v2')).toMatchObject({
      status: 404,
      body: { detail: 'There is no version "v2" of a policy "strict".' },
    });
  });

  test('pages go through all of them, each once', async () => {
    await put('many', {});
    const names = Array.from({ length: 5 }, (_, index) => `v${index}`);
    for (const name of names) await call('POST', '/many/versions', { name });
    const seen: unknown[] = [];
    for (
      let cursor: unknown = '', query = '?limit=2';
      cursor !== null;
      query = `?limit=2&cursor=${String(cursor)}`
    ) {
      const page = await call('GET', `/many/versions${query}`);
      seen.push(...(page.body['items'] as { name: string }[]).map(({ name }) => name));
      cursor = page.body['next_cursor'];
    }
    expect(seen).toEqual(names);
  });
});

describe('the status of a version', () => {
  const greedy = { explorer: { kind: 'epsilon_greedy' } };
  const make = async (policy: string, ...names: string[]) => {
    await put(policy, {});
    for (const name of names) await call('POST', `/${policy}/versions`, { name, configuration: greedy });
  };

  test('a draft goes into shadow, and from everywhere it can be retired', async () => {
    await make('moving', 'v1', 'v2');
    expect(await call('POST', '/moving/versions/v1/shadow')).toMatchObject({
      status: 200,
      body: { status: 'shadow' },
    });
    expect(await call('POST', '/moving/versions/v1/shadow')).toMatchObject({ status: 200 });
    expect(await call('POST', '/moving/versions/v1/retire')).toMatchObject({ body: { status: 'retired' } });
    expect(await call('POST', '/moving/versions/v1/retire')).toMatchObject({ status: 200 });
    expect(await call('POST', '/moving/versions/v1/shadow')).toMatchObject({
      status: 409,
      body: { detail: 'Version "v1" is retired; only a draft can go into shadow.' },
    });
    expect(await call('POST', '/moving/versions/v2/retire')).toMatchObject({ body: { status: 'retired' } });
    expect(await audit('moving/v1')).toMatchObject([
      { action: 'policy_version.create' },
      { action: 'policy_version.shadow', details: { from: 'draft', to: 'shadow' } },
      { action: 'policy_version.retire', details: { from: 'shadow', to: 'retired' } },
    ]);
  });

  test('three are in shadow at most, also when ten try at once; the answer names them', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `v${index}`);
    await make('shadows', ...names);
    const answers = await Promise.all(names.map((name) => call('POST', `/shadows/versions/${name}/shadow`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const stored = await db.sql<{ name: string }>(
      `select name from rlaas.policy_versions where policy = 'shadows' and status = 'shadow' order by name`,
    );
    expect(stored).toHaveLength(3);
    const full = answers.find(({ status }) => status === 409);
    expect(full?.body['detail']).toContain(stored.map(({ name }) => `"${name}"`).join(', '));
  });

  test('one with traffic is retired by force only, and one that was rolled back is at its end', async () => {
    await make('live', 'v1', 'v2');
    await db.sql(`update rlaas.policy_versions set status = 'active' where policy = 'live' and name = 'v1'`);
    await db.sql(
      `update rlaas.policy_versions set status = 'rolled_back' where policy = 'live' and name = 'v2'`,
    );
    expect(await call('POST', '/live/versions/v1/retire')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('the explored baseline plays') },
    });
    expect(await call('POST', '/live/versions/v1/retire', { force: true })).toMatchObject({
      body: { status: 'retired' },
    });
    expect(await call('POST', '/live/versions/v2/retire', { force: true })).toMatchObject({ status: 409 });
    expect(await call('POST', '/live/versions/v3/retire')).toMatchObject({ status: 404 });
  });

  test('a version goes into shadow also when its policy lists no actions', async () => {
    await make('listless');
    const configuration = { ...greedy, minimum_probability: 0 };
    await call('POST', '/listless/versions', { name: 'v1', configuration });
    expect(await call('POST', '/listless/versions/v1/shadow')).toMatchObject({ status: 200 });
  });
});

test('who may only read cannot write, and who may only write cannot read', async () => {
  expect(await call('PUT', '/mine', { configuration: {} }, { as: 'reader' })).toMatchObject({
    status: 403,
    body: { code: 'scope_missing' },
  });
  expect(await call('PUT', '/mine', { configuration: {} }, { as: 'writer' })).toMatchObject({ status: 201 });
  expect(await call('POST', '/mine/versions', { name: 'v1' }, { as: 'reader' })).toMatchObject({
    status: 403,
  });
  expect(await call('GET', '/mine', undefined, { as: 'writer' })).toMatchObject({ status: 403 });
  expect(await call('GET', '/mine', undefined, { as: 'reader' })).toMatchObject({ status: 200 });
});

test('tenants have policies of the same name that know nothing of each other', async () => {
  const as = { as: 'other' };
  const before = await call('GET', '/support-draft');
  expect(await call('GET', '/support-draft', undefined, as)).toMatchObject({ status: 404 });
  for (const [method, url] of [
    ['POST', '/support-draft/versions'],
    ['GET', '/support-draft/versions/support-draft-v0'],
    ['POST', '/support-draft/versions/support-draft-v0/shadow'],
    ['POST', '/support-draft/versions/support-draft-v0/retire'],
  ] as const) {
    const body = url.endsWith('versions') ? { name: 'v1' } : undefined;
    expect(await call(method, url, body, as), url).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  }
  expect(await call('PUT', '/support-draft', { configuration: { description: 'theirs' } }, as)).toMatchObject(
    {
      status: 201,
    },
  );
  expect(await call('GET', '/support-draft')).toEqual(before);
});
