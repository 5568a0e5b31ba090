// The lane and the ordinary way must give the same answers: whatever the lane does not take goes the ordinary way.
import { Agent, request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generateKey } from '../src/auth/api-key.ts';
import { replayBody } from '../src/server/express-lane.ts';
import type { ServiceApp } from '../src/server/server.ts';
import { testServer, type TestServerOptions } from './support/test-server.ts';

const access = { scope: 'decide', publishable: true } as const;
const fresh = generateKey((size) => Buffer.alloc(size, 7));
const headers = { authorization: `Bearer ${fresh.key}`, 'content-type': 'application/json' };

/** A route that says which way was taken. A body with `ordinary` is declined by the lane, one with `fault` breaks it. */
async function laneServer(options: TestServerOptions = {}) {
  const taken: string[] = [];
  const server = await testServer({
    ...options,
    routes(app: ServiceApp) {
      const body = z.strictObject({
        n: z.int(),
        text: z.string().optional(),
        ordinary: z.boolean().optional(),
        fault: z.boolean().optional(),
      });
      app.post(
        '/v1/fast',
        { config: { access }, schema: { body }, bodyLimit: 10_000, preParsing: replayBody },
        (request) => {
          taken.push('ordinary');
          return { n: request.body.n, tenant: request.principal?.tenantId };
        },
      );
      app.addExpressLane({
        url: '/v1/fast',
        access,
        bodyBytes: 5_000,
        handle: async ({ tenantId }, given) => {
          const parsed = body.safeParse(given);
          if (parsed.data?.fault) throw new Error('a fault of the lane');
          if (!parsed.success || parsed.data.ordinary) return undefined;
          taken.push('lane');
          return JSON.stringify({ n: parsed.data.n, tenant: tenantId });
        },
      });
    },
  });
  server.store.add(fresh.key, { scopes: ['decide'] });
  const post = (body: string, more: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/fast`, { method: 'POST', body, headers: { ...headers, ...more } });
  // The first request makes the key known.
  await post('{"n":0}');
  taken.length = 0;
  return { server, taken, post };
}

describe('the express lane', () => {
  test('takes what is well, with the same answer and headers as the ordinary way', async () => {
    const { server, taken, post } = await laneServer();
    await using _ = server;
    const express = await post('{"n":1}', { 'x-request-id': 'mine' });
    const ordinary = await post('{"n":1,"ordinary":true}', { 'x-request-id': 'mine' });
    expect(taken).toEqual(['lane', 'ordinary']);
    expect([express.status, ordinary.status]).toEqual([200, 200]);
    const [left, right] = await Promise.all([express.text(), ordinary.text()]);
    expect(left).toBe(right);
    const shown = (response: Response) =>
      Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
    expect(shown(express)).toEqual(shown(ordinary));
    expect(shown(express)).toMatchObject({ 'x-request-id': 'mine', 'x-content-type-options': 'nosniff' });
  });

  test('texts beyond ASCII arrive as they are, whichever way', async () => {
    const { server, post } = await laneServer();
    await using _ = server;
    for (const text of ['ü€😀', 'constructor', String.raw`\u00fc`]) {
      expect((await post(`{"n":1,"text":"${text}"}`)).status).toBe(200);
    }
  });

  test.each([
    ['no key', '{"n":1}', { authorization: '' }, 401],
    ['a key that nobody knows', '{"n":1}', { authorization: 'Bearer rlk_x' }, 401],
    ['no JSON', '{"n":', {}, 400],
    ['a body that the schema refuses', '{"n":"x"}', {}, 400],
    ['a poisoned body', '{"n":1,"__proto__":{"x":1}}', {}, 400],
    ['a body that nests too deep', `{"n":${'['.repeat(100)}${']'.repeat(100)}}`, {}, 400],
    ['a body that is too large', `{"n":1,"text":"${'x'.repeat(20_000)}"}`, {}, 413],
    ['another content type', '<n/>', { 'content-type': 'application/xml' }, 415],
    ['a larger body than the lane takes', `{"n":1,"text":"${'x'.repeat(6_000)}"}`, {}, 200],
    ['a page of another origin', '{"n":1}', { origin: 'https://shop.example' }, 200],
    ['a fault of the lane', '{"n":1,"fault":true}', {}, 200],
  ])('leaves %s to the ordinary way', async (_name, body, more, status) => {
    const { server, taken, post } = await laneServer();
    await using _ = server;
    const response = await post(body, more);
    expect(response.status).toBe(status);
    expect(taken).not.toContain('lane');
    expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
    expect(await response.json()).toMatchObject(status === 200 ? { n: 1 } : { status });
  });

  test('counts its requests like the others, against the limit of the key too', async () => {
    const { server, post } = await laneServer({ server: { limits: { requestsPerKey: 20 } } });
    await using _ = server;
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async () => (await post('{"n":1}')).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const metrics = await server.registry.metrics();
    const counted = /http_request_duration_seconds_count\{[^}]*route="\/v1\/fast",status="200"\} (\d+)/.exec(
      metrics,
    );
    expect(Number(counted?.[1])).toBe(statuses.filter((status) => status === 200).length + 1);
  });

  test('counts a request once that it leaves to the ordinary way', async () => {
    const { server, post } = await laneServer({ server: { limits: { requestsPerKey: 20 }, now: () => 0 } });
    await using _ = server;
    // The first one made the key known.
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) statuses.push((await post('{"n":1,"ordinary":true}')).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(19);
    expect(statuses.at(-1)).toBe(429);
  });

  test('a body in pieces, and several requests on a connection', async () => {
    const { server, taken } = await laneServer();
    await using _ = server;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: string, pieces: number) =>
      new Promise<string>((resolve, reject) => {
        const outgoing = httpRequest(
          `${server.url}/v1/fast`,
          { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
          (response) => {
            let text = '';
            response.on('data', (chunk: Buffer) => (text += chunk.toString()));
            response.on('end', () => resolve(text));
          },
        );
        outgoing.on('error', reject);
        const size = Math.ceil(body.length / pieces);
        for (let at = 0; at < body.length; at += size) outgoing.write(body.slice(at, at + size));
        outgoing.end();
      });
    const long = (n: number) => `{"n":${n},"text":"${'y'.repeat(3_000)}"}`;
    for (let n = 1; n <= 5; n += 1) expect(JSON.parse(await send(long(n), n))).toMatchObject({ n });
    expect(taken).toEqual(Array.from({ length: 5 }, () => 'lane'));
    agent.destroy();
  });

  test('is closed while the service stops, so that callers are told to go elsewhere', async () => {
    const { server, taken, post } = await laneServer();
    const closing = server.app.close();
    // On a connection that is open still; a new one is refused.
    await post('{"n":1}').catch(() => undefined);
    expect(taken).not.toContain('lane');
    server.app.server.closeAllConnections();
    await closing;
  });
});
