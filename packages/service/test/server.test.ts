import { ERRORS, type ErrorCode, problemSchema, readinessSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CheckResult } from '../src/server/readiness.ts';
import { createServer, type ServiceApp } from '../src/server/server.ts';
import { testServer } from './support/test-server.ts';

const KEY = 'rlk_AAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB';

function routes(app: ServiceApp): void {
  const body = z.object({ name: z.string(), count: z.int().max(10) }).strict();
  app.post('/v1/things', { config: { access: 'public' }, schema: { body } }, (request) => ({
    got: request.body.name,
  }));
  const querystring = z.object({ limit: z.coerce.number().int().max(500).default(50) });
  app.get(
    '/v1/things',
    { config: { access: 'public' }, schema: { querystring } },
    (request) => request.query,
  );
  app.get(
    '/v1/things/:id',
    { config: { access: 'public' }, schema: { params: z.object({ id: z.string().regex(/^\d+$/) }) } },
    (request) => request.params,
  );
  app.get(
    '/v1/wrong-answer',
    { config: { access: 'public' }, schema: { response: { 200: z.object({ secret: z.number() }) } } },
    () => ({ secret: 'hunter2' as unknown as number }),
  );
  app.get('/v1/boom', { config: { access: 'public' } }, () => {
    throw new Error('hunter2', { cause: new Error('the inner reason') });
  });
}

async function problem(response: Response, code: ErrorCode) {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = problemSchema.strict().parse(await response.json());
  expect(body.code).toBe(code);
  expect(response.status).toBe(ERRORS[code].status);
  expect(body.request_id).toBe(response.headers.get('x-request-id'));
  return body;
}

function post(url: string, body: string, contentType = 'application/json') {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': contentType } });
}

describe('requests', () => {
  test('are answered by routes with typed, validated parts', async () => {
    await using server = await testServer({ routes });
    const response = await post(`${server.url}/v1/things`, '{"name":"a","count":1}');
    expect([response.status, await response.json()]).toEqual([200, { got: 'a' }]);
    expect(await (await fetch(`${server.url}/v1/things`)).json()).toEqual({ limit: 50 });
  });

  test('keep a sane id of the caller and get one otherwise', async () => {
    await using server = await testServer({ routes });
    const ask = (id: string) => fetch(`${server.url}/v1/things`, { headers: { 'x-request-id': id } });
    expect((await ask('a.b-C_1')).headers.get('x-request-id')).toBe('a.b-C_1');
    for (const id of ['', 'a b', 'x'.repeat(65), '<script>']) {
      expect((await ask(id)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('are logged in one line, with the id and without the key in the URL', async () => {
    await using server = await testServer({ routes });
    await fetch(`${server.url}/v1/things?limit=1&key=hunter2`, { headers: { 'x-request-id': 'one' } });
    await fetch(`${server.url}/v1/none?key=hunter2`);
    await fetch(`${server.url}/%ff?key=hunter2`);
    await expect.poll(() => server.lines.filter((line) => line['msg'] === 'request')).toHaveLength(3);
    expect(server.lines.filter((line) => line['request_id'] === 'one')).toEqual([
      expect.objectContaining({ method: 'GET', url: '/v1/things?limit=1', status: 200, level: 30 }),
    ]);
    expect(JSON.stringify(server.lines)).not.toContain('hunter2');
  });

  test('that go well are not logged with requestLog errors', async () => {
    await using server = await testServer({ routes, server: { requestLog: 'errors' } });
    await fetch(`${server.url}/v1/things`);
    await fetch(`${server.url}/v1/none`);
    await expect.poll(() => server.lines.filter((line) => line['msg'] === 'request')).toHaveLength(1);
  });

  test('are answered with security headers, errors included', async () => {
    await using server = await testServer({ routes });
    for (const path of ['/v1/things', '/v1/none', '/v1/boom', '/v1/whoami']) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
  });
});

describe('errors', () => {
  test('point at every mistake in a body by its own pointers', async () => {
    await using server = await testServer({ routes });
    const body = await problem(
      await post(`${server.url}/v1/things`, '{"count":11,"x/y":1}'),
      'invalid_request',
    );
    expect(body.path).toBe('/name');
    expect(body.errors?.map((issue) => issue.path)).toEqual(['/name', '/count', '/x~1y']);
    expect(body).toMatchObject({ type: 'urn:rlaas:problem:invalid_request', retryable: false });
  });

  test('name the part where it is not the body', async () => {
    await using server = await testServer({ routes });
    const query = await problem(await fetch(`${server.url}/v1/things?limit=501`), 'invalid_request');
    expect(query.path).toBe('/query/limit');
    const params = await problem(await fetch(`${server.url}/v1/things/abc`), 'invalid_request');
    expect(params.path).toBe('/params/id');
  });

  test.each<[string, string, string, ErrorCode]>([
    ['cut off', '{"name":', 'application/json', 'invalid_json'],
    ['empty', '', 'application/json', 'invalid_json'],
    ['after the prototype', '{"__proto__":{"a":1},"name":"a"}', 'application/json', 'invalid_json'],
    ['a form', 'name=a', 'application/x-www-form-urlencoded', 'unsupported_media_type'],
    ['JSON as text', '{"name":"a","count":1}', 'text/plain', 'unsupported_media_type'],
    ['of no known type', '{}', 'nonsense', 'unsupported_media_type'],
    ['too large', `{"name":"${'x'.repeat(1_048_576)}","count":1}`, 'application/json', 'body_too_large'],
    ['deep and cut off', '['.repeat(500_000), 'application/json', 'invalid_request'],
    ['deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'application/json', 'invalid_request'],
  ])('a body that is %s is an error of the caller', async (_, body, contentType, code) => {
    await using server = await testServer({ routes });
    const response = await post(`${server.url}/v1/things`, body, contentType);
    expect((await problem(response, code)).code).toBe(code);
  });

  test('of the service hide what happened and log it with its cause', async () => {
    await using server = await testServer({ routes });
    const body = await problem(await fetch(`${server.url}/v1/boom`), 'internal_error');
    expect(body.detail).toBeUndefined();
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const line = server.lines.find((entry) => entry['level'] === 50);
    expect(line).toMatchObject({ code: 'internal_error', request_id: body.request_id });
    expect(JSON.stringify(line)).toContain('the inner reason');
  });

  test('an answer that breaks its schema is a logged bug and is not sent', async () => {
    await using server = await testServer({ routes });
    const body = await problem(await fetch(`${server.url}/v1/wrong-answer`), 'internal_error');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(JSON.stringify(server.lines.find((entry) => entry['level'] === 50))).toContain(
      "doesn't match the schema",
    );
  });

  test('a path that exists under another method is 405 with the methods it has', async () => {
    await using server = await testServer({ routes });
    const response = await fetch(`${server.url}/v1/things?a=1`, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    await problem(response, 'method_not_allowed');
  });

  test('a path that does not exist is 404, whatever is sent to it, and asking is limited', async () => {
    await using server = await testServer({ routes, server: { limits: { unmatchedPerAddress: 3 } } });
    await problem(await fetch(`${server.url}/v1/none`), 'not_found');
    await problem(await post(`${server.url}/v1/none`, '{"broken', 'application/json'), 'not_found');
    await problem(
      await post(`${server.url}/v1/none`, 'a=b', 'application/x-www-form-urlencoded'),
      'not_found',
    );
    const limited = await fetch(`${server.url}/v1/none`);
    expect(limited.headers.get('retry-after')).toBe('1');
    await problem(limited, 'rate_limited');
  });

  test.each([
    ['of no valid encoding', '/%ff'],
    ['of a cut off encoding', '/v1/things/%E0%A4%A'],
    ['too long', `/v1/things/${'1'.repeat(300)}`],
  ])('a path that is %s is an error of the caller', async (_, path) => {
    await using server = await testServer({ routes });
    const response = await fetch(server.url + path);
    expect([400, 404]).toContain(response.status);
    await problem(response, response.status === 400 ? 'invalid_request' : 'not_found');
  });
});

describe('health', () => {
  test('/healthz says that the process runs, whatever is missing', async () => {
    const check = async (): Promise<CheckResult> => ({ ok: false, message: 'away' });
    await using server = await testServer({ server: { readiness: [{ name: 'postgres', check }] } });
    const response = await fetch(`${server.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'ok', service: 'test', version: '1.2.3', uptime_seconds: 0 },
    ]);
  });

  test('/readyz names what is missing, and hides what a check threw', async () => {
    await using server = await testServer({
      server: {
        readiness: [
          { name: 'postgres', check: async () => ({ ok: true }) },
          {
            name: 'journal',
            check: async () => ({ ok: false, message: 'the disk is full; free some space' }),
          },
          { name: 'objects', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3')) },
        ],
      },
    });
    const response = await fetch(`${server.url}/readyz`);
    expect(response.status).toBe(503);
    const report = readinessSchema.parse(await response.json());
    expect(report.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['postgres', true],
      ['journal', false],
      ['objects', false],
    ]);
    expect(report.checks[1]?.message).toBe('the disk is full; free some space');
    expect(JSON.stringify(report)).not.toContain('10.1.2.3');
    expect(JSON.stringify(server.lines)).toContain('10.1.2.3');
  });

  test('/readyz is 503 shutting_down once readiness is off', async () => {
    await using server = await testServer();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.app.readiness.turnOff();
    await problem(await fetch(`${server.url}/readyz`), 'shutting_down');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('metrics', () => {
  test('time requests by route template and never by id', async () => {
    await using server = await testServer({ routes });
    await fetch(`${server.url}/v1/things/4711`);
    await fetch(`${server.url}/v1/things/4712`);
    await fetch(`${server.url}/v1/unknown/4713`);
    await expect
      .poll(async () => (await server.registry.metrics()).split('\n'))
      .toContain(
        'rlaas_test_http_request_duration_seconds_count{method="GET",route="/v1/things/:id",status="200"} 2',
      );
    const text = await server.registry.metrics();
    expect(text).toContain('_count{method="GET",route="unmatched",status="404"} 1');
    expect(text).toContain('rlaas_test_http_requests_in_flight 0');
    // A time may have any digits; labels may not.
    expect(text.match(/\{.*\}/g)?.join('\n')).not.toContain('471');
  });

  test('count a caller who left before the answer', async () => {
    let arrived = () => undefined as void;
    const here = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await using server = await testServer({
      routes(app) {
        app.get('/v1/slow', { config: { access: 'public' } }, (request) => {
          arrived();
          return new Promise((resolve) => request.raw.once('close', resolve));
        });
      },
    });
    const abort = new AbortController();
    const asked = fetch(`${server.url}/v1/slow`, { signal: abort.signal });
    await here;
    expect(await server.registry.metrics()).toContain('rlaas_test_http_requests_in_flight 1');
    abort.abort();
    await expect(asked).rejects.toThrow('abort');
    await expect
      .poll(() => server.registry.metrics())
      .toContain('_count{method="GET",route="/v1/slow",status="499"} 1');
    expect(await server.registry.metrics()).toContain('rlaas_test_http_requests_in_flight 0');
  });
});

describe('an overloaded service', () => {
  test('refuses with 503 overloaded and says when to come back, and is still alive', async () => {
    await using server = await testServer({
      routes(app) {
        routes(app);
        app.get('/v1/block', { config: { access: 'public' } }, () => {
          const until = performance.now() + 2500;
          while (performance.now() < until);
          return {};
        });
      },
      server: { limits: { eventLoopDelayMs: 20 } },
    });
    await fetch(`${server.url}/v1/block`);
    const response = await expect
      .poll(async () => fetch(`${server.url}/v1/things`), { interval: 20, timeout: 5000 })
      .toHaveProperty('status', 503)
      .then(() => fetch(`${server.url}/v1/things`));
    expect(response.headers.get('retry-after')).toBe('2');
    await problem(response, 'overloaded');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('registration', () => {
  test('of a route without an access throws', async () => {
    await expect(testServer({ routes: (app) => void app.get('/v1/open', () => ({})) })).rejects.toThrow(
      'route GET /v1/open does not say who may call it',
    );
    await expect(testServer({ routes: (app) => void app.get('/docs/mine', () => ({})) })).rejects.toThrow(
      'route GET /docs/mine does not say who may call it',
    );
  });

  test('of a route before the shared parts are there throws', async () => {
    await using server = await testServer();
    const options = { service: 'early', version: '1', internalToken: KEY, now: Date.now };
    const early = createServer({ ...server, ...options, logger: server.app.log });
    expect(() => early.get('/v1/early', { config: { access: 'public' } }, () => ({}))).toThrow('too early');
    await early.after();
    early.get('/v1/late', { config: { access: 'public' } }, () => ({ late: true }));
    expect((await early.inject('/v1/late')).json()).toEqual({ late: true });
    await early.close();
  });
});
