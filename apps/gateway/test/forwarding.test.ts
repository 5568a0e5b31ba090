import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { documentingOptions } from '@rlaas/service/openapi-file';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const seen: Seen[] = [];
let slow = false;
const upstream: Server = createServer((incoming, response) => {
  let body = '';
  incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
  incoming.on('end', () => {
    seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
    if (slow) return;
    response.writeHead(418, { 'content-type': 'application/problem+json', 'x-request-id': 'of the service' });
    response.end('{"code":"teapot"}');
  });
});
upstream.listen(0, '127.0.0.1');
await once(upstream, 'listening');
const there = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
const app = await buildApp({
  ...documentingOptions(),
  decide: async () => ({ ok: false, reason: 'not_loaded' }),
  logged: async () => undefined,
  upstreams: { collector: there, reward: there, trainer: there },
  upstreamTimeoutMs: 300,
});
const nowhere = await buildApp({
  ...documentingOptions(),
  decide: async () => ({ ok: false, reason: 'not_loaded' }),
  logged: async () => undefined,
  upstreams: { collector: 'http://127.0.0.1:1', reward: 'http://127.0.0.1:1', trainer: 'http://127.0.0.1:1' },
});
const origin = await app.listen({ port: 0, host: '127.0.0.1' });

beforeEach(() => {
  seen.length = 0;
  slow = false;
});
afterAll(async () => {
  await app.close();
  await nowhere.close();
  upstream.closeAllConnections();
  upstream.close();
});

describe('forwarding', () => {
  test('method, path, query, credentials and body arrive as they were sent, and so does the answer', async () => {
    const response = await fetch(`${origin}/v1/api-keys/x/rotate?a=1&a=2`, {
      method: 'POST',
      headers: { authorization: 'Bearer mine', 'content-type': 'application/json', 'x-request-id': 'abc' },
      body: '{ "grace":\n"1h" }',
    });
    expect(response.status).toBe(418);
    expect(await response.text()).toBe('{"code":"teapot"}');
    expect(response.headers.get('x-request-id')).toBe('abc');
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v1/api-keys/x/rotate?a=1&a=2',
        body: '{ "grace":\n"1h" }',
        headers: { authorization: 'Bearer mine', 'x-request-id': 'abc', 'x-forwarded-for': '127.0.0.1' },
      },
    ]);
  });

  test('the headers by which services trust each other stop here, and so does a forged address', async () => {
    await fetch(`${origin}/v1/policies`, {
      headers: {
        'X-RLaaS-Internal-Token': 'stolen',
        'x-rlaas-tenant': '0190a000-0000-7000-8000-000000000001',
        'x-forwarded-for': '10.0.0.1',
      },
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).not.toHaveProperty('x-rlaas-internal-token');
    expect(seen[0]?.headers).not.toHaveProperty('x-rlaas-tenant');
    expect(seen[0]?.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  test('no spelling of a path leads out of what is forwarded', async () => {
    const paths = [
      '/v1/policies/../../internal/x',
      '/v1/policies/%2e%2e/%2e%2e/internal/x',
      '/v1/policies/..%2f..%2finternal/x',
      '/v1/policies/..%5c..%5cinternal',
      '/v1/policies/%252e%252e/internal',
      '/v1/policiesinternal',
      '/internal/x',
      '/v1/policies/./../../readyz',
    ];
    for (const path of paths) await raw(path);
    // Whatever arrived stayed below the prefix, also after the service has resolved it.
    for (const { url } of seen)
      expect(new URL(url, there).pathname.startsWith('/v1/policies/'), url).toBe(true);
  });

  test('headers about the connection are not passed on, and no hundred slow uploads hold up others', async () => {
    const expecting = await fetch(`${origin}/v1/api-keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'keep-alive-not': '1', te: 'trailers' },
      body: '{}',
    });
    expect(expecting.status).toBe(418);
    const { hostname, port } = new URL(origin);
    const slowUploads = Array.from({ length: 100 }, () => {
      const outgoing = request({
        hostname,
        port,
        path: '/v1/api-keys',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': 1000, expect: '100-continue' },
      });
      outgoing.on('error', () => undefined);
      outgoing.write('{');
      return outgoing;
    });
    await once(slowUploads[99] ?? upstream, 'continue');
    expect((await fetch(`${origin}/v1/api-keys`)).status).toBe(418);
    for (const outgoing of slowUploads) outgoing.destroy();
  });

  test('a body that is too large for the service is refused here', async () => {
    for (const [path, limit] of [
      ['/v1/api-keys', 1_048_576],
      ['/v1/events', 8_388_608],
    ] as const) {
      const response = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: 'x'.repeat(limit + 1),
      });
      expect(response.status).toBe(413);
      expect(await response.text()).toContain(`at most ${limit} bytes`);
    }
    expect(seen).toEqual([]);
  });

  test('a service that is away is 502, one that is slow is 504, both told to come back', async () => {
    const away = await nowhere.inject({ url: '/v1/policies' });
    expect(away.statusCode).toBe(502);
    expect(away.json()).toMatchObject({
      code: 'upstream_unavailable',
      detail: expect.stringMatching(/^The (collector|reward|trainer) does not answer\.$/),
      retryable: true,
    });
    expect(away.headers['retry-after']).toBe('1');
    slow = true;
    const late = await fetch(`${origin}/v1/policies`);
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ code: 'upstream_timeout', retryable: true });
  });

  test('health, metrics and documentation of the services are not forwarded', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/metrics', '/docs'])
      await fetch(`${origin}${path}`);
    expect(seen).toEqual([]);
  });
});

/** A request whose path nobody tidies up on the way. */
async function raw(path: string): Promise<void> {
  const { hostname, port } = new URL(origin);
  const outgoing = request({ hostname, port, path });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
}
