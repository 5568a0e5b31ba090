import { randomBytes } from 'node:crypto';
import { createDatabase, createKeyManagement, createKeyStore, newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, generateKey } from '@rlaas/service';
import { documentingOptions } from '@rlaas/service/openapi-file';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createDomain } from '../src/domain.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const database = createDatabase({
  url: db.url,
  poolMax: 6,
  applicationName: 'reward',
  onIdleError: () => undefined,
});
const options = documentingOptions();
const now = Date.now;
const app = await buildApp({
  ...options,
  authenticator: createAuthenticator({
    service: 'reward',
    store: createKeyStore(database),
    staleMaxMs: 0,
    environment: 'local',
    now,
    logger: options.logger,
    registry: options.registry,
  }),
  ...createDomain({ database, now, queue: () => undefined }),
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const keys = createKeyManagement({ database, freshKey: () => generateKey(randomBytes), now });
const stranger = newId(now());
await db.sql(`insert into rlaas.tenants (id, slug, name) values ($1, 'other', 'Other')`, [stranger]);
const make = async (tenant: string, scope: 'admin' | 'rewards:read' | 'rewards:write') =>
  (await keys.create(tenant, 'test', { name: 'test', kind: 'secret', scopes: [scope], allowed_origins: [] }))
    .key;

async function call(
  method: 'GET' | 'PUT',
  policy: string,
  payload?: object,
  { key = SEED_API_KEY, headers = {} }: { key?: string; headers?: Record<string, string> } = {},
) {
  const response = await app.inject({
    method,
    url: `/v1/reward-specs/${policy}`,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(payload && { payload }),
  });
  return {
    status: response.statusCode,
    etag: response.headers['etag'],
    body: response.json<Record<string, unknown>>(),
  };
}
const definition = {
  range: [0, 1],
  window: { after: '1h', grace: '5m' },
  credit: 'equal',
  inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first', scope: 'decision' } },
  value: 'e.sent',
  default: { value: 0 },
};

test('another definition is the next version, the same one is none', async () => {
  expect(await call('GET', 'routing')).toMatchObject({
    status: 404,
    body: { detail: 'There is no reward specification of a policy "routing".' },
  });
  const first = await call('PUT', 'routing', { definition });
  expect(first).toMatchObject({
    status: 201,
    etag: '"1"',
    body: { policy: 'routing', version: 1, definition, source: 'api' },
  });
  expect(await call('PUT', 'routing', { definition, source: 'yaml' })).toEqual({ ...first, status: 200 });
  const other = { ...definition, default: { value: 0.25 } };
  expect(await call('PUT', 'routing', { definition: other, source: 'yaml' })).toMatchObject({
    status: 201,
    body: { version: 2, source: 'yaml' },
  });
  // Back again is a version of its own: decisions in between keep theirs.
  expect(await call('PUT', 'routing', { definition })).toMatchObject({ status: 201, body: { version: 3 } });
  expect(await call('GET', 'routing')).toMatchObject({
    status: 200,
    etag: '"3"',
    body: { version: 3, definition },
  });
  expect(
    await db.sql(
      `select action, object, details from rlaas.audit_log where object like 'routing/%' order by id`,
    ),
  ).toEqual([
    { action: 'reward_spec.create', object: 'routing/1', details: { source: 'api' } },
    { action: 'reward_spec.create', object: 'routing/2', details: { source: 'yaml' } },
    { action: 'reward_spec.create', object: 'routing/3', details: { source: 'api' } },
  ]);
});

test('ten at once make as many versions as there are definitions, in a row', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      call('PUT', 'raced', { definition: { ...definition, default: { value: index / 10 } } }),
    ),
  );
  expect(answers.map(({ body }) => Number(body['version'])).toSorted((a, b) => a - b)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test('who expects another version than the newest is refused', async () => {
  const headers = { 'if-match': '"0"' };
  const answers = await Promise.all(
    [0.1, 0.2, 0.3].map((value) =>
      call('PUT', 'expected', { definition: { ...definition, default: { value } } }, { headers }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  expect(await call('PUT', 'expected', { definition }, { headers: { 'if-match': '"1"' } })).toMatchObject({
    status: 201,
  });
  expect(await call('PUT', 'expected', { definition }, { headers: { 'if-match': '1' } })).toMatchObject({
    status: 400,
    body: { path: '/headers/if-match' },
  });
});

test('a definition that makes no sense is refused by its places', async () => {
  const answer = await call('PUT', 'wrong', {
    definition: {
      range: [1, 0],
      window: { after: '1h30m', grace: '5m', before: '1m' },
      inputs: { Sent: { event: 'outcome', name: 'sent', aggregate: 'first' } },
    },
  });
  const paths = (answer.body['errors'] as { path: string }[]).map(({ path }) => path);
  expect(answer.status).toBe(400);
  expect(paths.toSorted()).toEqual([
    '/definition/inputs/Sent',
    '/definition/range',
    '/definition/value',
    '/definition/window/after',
    '/definition/window/before',
  ]);
  expect(await call('PUT', 'wrong', { definition: { ...definition, default: { value: 2 } } })).toMatchObject({
    body: { path: '/definition/default/value' },
  });
});

test('scopes and tenants are kept apart', async () => {
  const reader = await make(TENANT, 'rewards:read');
  const writer = await make(TENANT, 'rewards:write');
  const theirKey = await make(stranger, 'admin');
  expect(await call('PUT', 'mine', { definition }, { key: reader })).toMatchObject({ status: 403 });
  expect(await call('PUT', 'mine', { definition }, { key: writer })).toMatchObject({ status: 201 });
  expect(await call('GET', 'mine', undefined, { key: writer })).toMatchObject({ status: 403 });
  expect(await call('GET', 'mine', undefined, { key: theirKey })).toMatchObject({ status: 404 });
  const theirs = { ...definition, default: { value: 1 } };
  expect(await call('PUT', 'mine', { definition: theirs }, { key: theirKey })).toMatchObject({
    status: 201,
    body: { version: 1 },
  });
  expect(await call('GET', 'mine', undefined, { key: reader })).toMatchObject({ body: { definition } });
});
