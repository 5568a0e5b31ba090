import { ERRORS, type ErrorCode, problemSchema, whoamiSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { tenantOf } from '../src/auth/tenant.ts';
import type { ServiceApp } from '../src/server/server.ts';
import { TENANT } from './support/map-key-store.ts';
import { INTERNAL_TOKEN, testServer } from './support/test-server.ts';

const OTHER_TENANT = '01890a5d-ac96-774b-bcce-b302099a80ff';
const ORIGIN = 'https://www.shop.example';

/** An id of a key, different for each number below ten. */
function uuid(number: number): string {
  return `01890a5d-ac96-774b-bcce-b302099a800${number}`;
}

function routes(app: ServiceApp): void {
  const seen = (request: { headers: Record<string, unknown> }) => ({
    internal: [request.headers['x-rlaas-internal-token'] ?? null, request.headers['x-rlaas-tenant'] ?? null],
  });
  app.get('/v1/public', { config: { access: 'public' } }, seen);
  app.get('/v1/forwarded', { config: { access: 'forwarded' } }, seen);
  app.get('/v1/policies', { config: { access: { scope: 'policies:read' } } }, (request) => ({
    tenant: tenantOf(request),
    ...seen(request),
  }));
  app.get('/v1/tenants', { config: { access: 'operator' } }, (request) => ({
    kind: request.principal?.kind,
  }));
  app.get('/internal/any', { config: { access: 'internal' } }, (request) => ({
    principal: request.principal,
  }));
  app.get('/internal/tenant', { config: { access: 'internal' } }, (request) => ({
    tenant: tenantOf(request),
  }));
  app.post(
    '/v1/decisions',
    {
      config: { access: { scope: 'decide', publishable: true } },
      schema: { body: z.object({ policy: z.string() }) },
    },
    (request) => ({ policy: request.body.policy }),
  );
  app.delete('/v1/decisions', { config: { access: { scope: 'decide', publishable: true } } }, () => ({}));
}

type Server = Awaited<ReturnType<typeof testServer>>;

function ask(server: Server, path: string, key?: string, headers: Record<string, string> = {}) {
  return fetch(server.url + path, {
    headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
  });
}

function decide(server: Server, query: string, headers: Record<string, string>) {
  return fetch(`${server.url}/v1/decisions${query}`, {
    method: 'POST',
    body: '{"policy":"a"}',
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function codeOf(response: Response): Promise<ErrorCode | 200> {
  if (response.status === 200) return 200;
  const { code, status } = problemSchema.parse(await response.json());
  expect(response.status).toBe(status);
  expect(response.headers.get('www-authenticate')).toBe(ERRORS[code].status === 401 ? 'Bearer' : null);
  return code;
}

async function withKeys() {
  const server = await testServer({ routes });
  server.store.add('reader', { id: uuid(0), scopes: ['policies:read'] });
  server.store.add('admin', { id: uuid(1), scopes: ['admin'] });
  server.store.add('decider', { id: uuid(2), scopes: ['decide'] });
  server.store.add('operator', { id: uuid(3), kind: 'operator', tenant: null, scopes: ['admin'] });
  server.store.add('web', {
    id: uuid(4),
    kind: 'publishable',
    scopes: ['decide', 'policies:read'],
    allowedOrigins: ['https://*.shop.example'],
  });
  return server;
}

describe('who may call what', () => {
  const everybody = [undefined, 'nobody', 'reader', 'admin', 'decider', 'operator', 'web'];
  test.each<[string, (ErrorCode | 200)[]]>([
    ['/v1/public', [200, 200, 200, 200, 200, 200, 200]],
    ['/v1/forwarded', [200, 200, 200, 200, 200, 200, 200]],
    [
      '/v1/policies',
      [
        'unauthenticated',
        'invalid_key',
        200,
        200,
        'scope_missing',
        'tenant_required',
        'publishable_key_refused',
      ],
    ],
    [
      '/v1/tenants',
      [
        'unauthenticated',
        'invalid_key',
        'operator_required',
        'operator_required',
        'operator_required',
        200,
        'operator_required',
      ],
    ],
    ['/v1/whoami', ['unauthenticated', 'invalid_key', 200, 200, 200, 200, 200]],
    ['/internal/any', everybody.map(() => 'unauthenticated')],
  ])('%s', async (path, expected) => {
    await using server = await withKeys();
    const answers = [];
    for (const key of everybody) answers.push(await codeOf(await ask(server, path, key, { origin: ORIGIN })));
    expect(answers).toEqual(expected);
  });

  test('HEAD is as open as GET, and no more', async () => {
    await using server = await withKeys();
    const head = (key: string) =>
      fetch(`${server.url}/v1/policies`, { method: 'HEAD', headers: { authorization: `Bearer ${key}` } });
    expect([(await head('reader')).status, (await head('decider')).status]).toEqual([200, 403]);
  });

  test('a request without a right is refused before its body is read', async () => {
    await using server = await withKeys();
    const response = await fetch(`${server.url}/v1/decisions`, { method: 'POST', body: '{"broken' });
    expect(await codeOf(response)).toBe('unauthenticated');
  });

  test.each([
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    `Bearer ${'x'.repeat(300)}`,
    'reader',
    'Bearer réader',
  ])('the header %j is refused without a look-up', async (authorization) => {
    await using server = await withKeys();
    const headers = { authorization: Buffer.from(authorization).toString('latin1') };
    expect(await codeOf(await ask(server, '/v1/policies', undefined, headers))).toBe('unauthenticated');
    expect(server.store.questions).toEqual([]);
  });

  test('the name of the scheme may be written in any case', async () => {
    await using server = await withKeys();
    expect(
      await codeOf(await ask(server, '/v1/policies', undefined, { authorization: 'bearer reader' })),
    ).toBe(200);
  });
});

describe('services', () => {
  const token = { 'x-rlaas-internal-token': INTERNAL_TOKEN };

  test('come in with the token, for a tenant or none', async () => {
    await using server = await withKeys();
    expect(await (await ask(server, '/internal/any', undefined, token)).json()).toEqual({
      principal: { kind: 'internal', tenantId: null },
    });
    const headers = { ...token, 'x-rlaas-tenant': OTHER_TENANT };
    expect(await (await ask(server, '/internal/tenant', undefined, headers)).json()).toEqual({
      tenant: OTHER_TENANT,
    });
    expect(await codeOf(await ask(server, '/internal/tenant', undefined, token))).toBe('tenant_required');
  });

  test('do not with another token or with what is no tenant', async () => {
    await using server = await withKeys();
    for (const wrong of [
      '',
      'x',
      INTERNAL_TOKEN.slice(1),
      `${INTERNAL_TOKEN}x`,
      INTERNAL_TOKEN.toUpperCase(),
    ]) {
      const headers = { 'x-rlaas-internal-token': wrong };
      expect(await codeOf(await ask(server, '/internal/any', 'admin', headers)), wrong).toBe(
        'unauthenticated',
      );
    }
    const response = await ask(server, '/internal/any', undefined, {
      ...token,
      'x-rlaas-tenant': 'acme-support',
    });
    expect(problemSchema.parse(await response.json())).toMatchObject({
      code: 'invalid_request',
      path: '/headers/x-rlaas-tenant',
    });
  });

  test('cannot be played from outside: on other routes their headers are ignored', async () => {
    await using server = await withKeys();
    const headers = { ...token, 'x-rlaas-tenant': OTHER_TENANT };
    for (const path of ['/v1/public', '/v1/forwarded']) {
      expect(await (await ask(server, path, undefined, headers)).json()).toEqual({ internal: [null, null] });
    }
    expect(await (await ask(server, '/v1/policies', 'reader', headers)).json()).toEqual({
      tenant: TENANT.id,
      internal: [null, null],
    });
    expect(await codeOf(await ask(server, '/v1/policies', undefined, headers))).toBe('unauthenticated');
  });
});

describe('publishable keys', () => {
  test('work in pages of their origins only', async () => {
    await using server = await withKeys();
    const authorization = 'Bearer web';
    expect(await codeOf(await decide(server, '', { authorization, origin: ORIGIN }))).toBe(200);
    expect(await codeOf(await decide(server, '', { authorization }))).toBe('origin_refused');
    expect(await codeOf(await decide(server, '', { authorization, origin: 'https://evil.example' }))).toBe(
      'origin_refused',
    );
  });

  test('may stand in the URL, and only they may, and only there where they work', async () => {
    await using server = await withKeys();
    expect(await codeOf(await decide(server, '?key=web', { origin: ORIGIN }))).toBe(200);
    expect(await codeOf(await decide(server, '?key=decider', { origin: ORIGIN }))).toBe('unauthenticated');
    expect(await codeOf(await decide(server, '?key=web&key=web', { origin: ORIGIN }))).toBe(
      'unauthenticated',
    );
    expect(await codeOf(await decide(server, '?key=', { origin: ORIGIN }))).toBe('unauthenticated');
    expect(await codeOf(await ask(server, '/v1/policies?key=reader'))).toBe('unauthenticated');
    expect(await codeOf(await ask(server, '/v1/whoami?key=web', undefined, { origin: ORIGIN }))).toBe(
      'unauthenticated',
    );
  });

  test('may send JSON as text, as a page does that is being closed', async () => {
    await using server = await withKeys();
    const response = await decide(server, '?key=web', {
      origin: ORIGIN,
      'content-type': 'text/plain;charset=UTF-8',
    });
    expect(await response.json()).toEqual({ policy: 'a' });
    const broken = await fetch(`${server.url}/v1/decisions?key=web`, {
      method: 'POST',
      body: '{"policy',
      headers: { origin: ORIGIN, 'content-type': 'text/plain' },
    });
    expect(await codeOf(broken)).toBe('invalid_json');
  });

  test('let the page read the answer, an error too', async () => {
    await using server = await withKeys();
    for (const key of ['web', 'nobody']) {
      const { headers } = await decide(server, '', { authorization: `Bearer ${key}`, origin: ORIGIN });
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
      expect(headers.get('vary')).toBe('origin');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    const other = await ask(server, '/v1/policies', 'reader', { origin: ORIGIN });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('have their preflight answered on their routes, and nowhere else', async () => {
    await using server = await withKeys();
    const preflight = (path: string) =>
      fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const response = await preflight('/v1/decisions');
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('access-control-allow-methods')).toBe('POST, DELETE');
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await preflight('/v1/policies')).status).toBe(405);
  });
});

describe('whoami', () => {
  test('says whom a key stands for, and never the key', async () => {
    await using server = await withKeys();
    server.store.add('until', {
      id: '01890a5d-ac96-774b-bcce-b302099a8059',
      expiresAt: Date.UTC(2100, 0, 1),
    });
    const body = whoamiSchema.strict().parse(await (await ask(server, '/v1/whoami', 'until')).json());
    expect(body).toEqual({
      tenant: { id: TENANT.id, slug: TENANT.slug },
      key: {
        id: '01890a5d-ac96-774b-bcce-b302099a8059',
        prefix: 'until',
        kind: 'secret',
        scopes: [],
        expires_at: '2100-01-01T00:00:00.000Z',
      },
      stale: false,
    });
  });
});

describe('while the database is away', () => {
  test('known keys go on and are told so; unknown ones are asked to come back, never refused', async () => {
    let offset = 0;
    await using server = await testServer({ routes, authenticator: { now: () => Date.now() + offset } });
    server.store.add('reader', { id: '01890a5d-ac96-774b-bcce-b302099a8059', scopes: ['policies:read'] });
    await ask(server, '/v1/policies', 'reader');
    server.store.mode = 'throws';
    offset = 60_000;
    expect(await codeOf(await ask(server, '/v1/policies', 'reader'))).toBe(200);
    expect(await (await ask(server, '/v1/whoami', 'reader')).json()).toMatchObject({ stale: true });
    const unknown = await ask(server, '/v1/policies', 'nobody');
    expect(unknown.headers.get('retry-after')).toBe('1');
    expect(await codeOf(unknown)).toBe('auth_unavailable');
    const metrics = await server.registry.metrics();
    expect(metrics).toContain('rlaas_test_auth_results_total{result="stale"} 2');
    expect(metrics).toContain('rlaas_test_auth_results_total{result="auth_unavailable"} 1');
  });
});

describe('rate limits', () => {
  test('hold for a key, with the time to come back', async () => {
    await using server = await testServer({ routes, server: { limits: { requestsPerKey: 3 } } });
    server.store.add('reader', { id: 'reader', scopes: ['policies:read'] });
    server.store.add('other', { id: 'other', scopes: ['policies:read'] });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(server, '/v1/policies', 'reader')),
    );
    const limited = answers.find((answer) => answer.status === 429);
    expect(answers.filter((answer) => answer.status === 429).length).toBeGreaterThanOrEqual(4);
    expect(Object.fromEntries(limited?.headers ?? [])).toMatchObject({
      'retry-after': '1',
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
    });
    expect((await ask(server, '/v1/policies', 'other')).status).toBe(200);
  });

  test('a known key is looked up again although its neighbours have used up the guesses of the address', async () => {
    let time = Date.now();
    await using server = await testServer({
      routes,
      server: { limits: { failedAuthPerAddress: 1 } },
      authenticator: { now: () => time },
    });
    server.store.add('known', { scopes: ['admin'] });
    const status = async (key: string): Promise<number> =>
      (await fetch(`${server.url}/v1/whoami`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status('known')).toBe(200);
    // No longer fresh, so it has to be looked up.
    time += 6_000;
    expect([await status('guess-1'), await status('guess-2')]).toEqual([401, 429]);
    expect(await status('known')).toBe(200);
  });

  test('hold guesses of keys back by address, before they cost a look-up, and let known keys through', async () => {
    await using server = await testServer({ routes, server: { limits: { failedAuthPerAddress: 5 } } });
    server.store.add('reader', { id: 'reader', scopes: ['policies:read'] });
    await ask(server, '/v1/policies', 'reader');
    const codes = [];
    for (let guess = 0; guess < 20; guess++)
      codes.push(await codeOf(await ask(server, '/v1/policies', `guess-${guess}`)));
    expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'invalid_key'));
    expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThanOrEqual(5);
    expect(server.store.questions.length).toBeLessThan(20);
    expect(await codeOf(await ask(server, '/v1/policies', 'reader'))).toBe(200);
  });

  test('count the caller behind a trusted proxy, and nobody can pretend to be behind one', async () => {
    const limits = { failedAuthPerAddress: 1 };
    await using behind = await testServer({ routes, server: { limits, trustProxy: ['127.0.0.1'] } });
    await using direct = await testServer({ routes, server: { limits } });
    const guess = (server: Server, address: string) =>
      ask(server, '/v1/policies', `guess ${address}`.replace(' ', '-'), { 'x-forwarded-for': address });
    const codes = async (server: Server) => {
      const answers = [];
      for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
        answers.push(await codeOf(await guess(server, address)));
      return answers;
    };
    expect(await codes(behind)).toEqual(['invalid_key', 'invalid_key', 'invalid_key']);
    expect(await codes(direct)).toEqual(['invalid_key', 'rate_limited', 'rate_limited']);
  });
});
