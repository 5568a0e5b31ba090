import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ServiceApp } from '../src/server/server.ts';
import { testServer } from './support/test-server.ts';

function routes(app: ServiceApp): void {
  app.post(
    '/v1/things',
    { config: { access: 'public' }, schema: { body: z.object({ name: z.string() }) } },
    (request) => request.body,
  );
}

/** Sends bytes and gives back all that comes until the server closes the connection. */
async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // A server that has answered may reset what is still being sent to it.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return Buffer.concat(received).toString();
}

function code(answer: string): unknown {
  const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  return Reflect.get(body as object, 'code');
}

describe('what is not HTTP', () => {
  test.each([
    ['noise', '\u0000\u0001\u0002 nonsense\r\n\r\n'],
    ['TLS on a plain port', Buffer.from('16030100a0010000', 'hex')],
    ['an unknown method', 'EAT / HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['an invalid header', 'GET / HTTP/1.1\r\nhost: a\r\nbad header: 1\r\n\r\n'],
    ['two lengths', 'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
    [
      'a length and chunks',
      'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a broken chunk',
      'POST /v1/things HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    ],
  ])('%s is answered with a problem, and the connection closed', async (_, bytes) => {
    await using server = await testServer({ routes });
    const answer = await exchange(server.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('content-type: application/problem+json');
    expect(code(answer)).toBe('invalid_request');
  });

  test('headers that are too large are answered with 431', async () => {
    await using server = await testServer({ routes });
    const answer = await exchange(server.port, `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(code(answer)).toBe('header_too_large');
  });
});

describe('who is slow', () => {
  const limits = { requestTimeoutMs: 300, headersTimeoutMs: 200, connectionCheckMs: 50 };

  test('with headers is answered with 408', async () => {
    await using server = await testServer({ routes, server: { limits } });
    const answer = await exchange(server.port, 'GET / HTTP/1.1\r\nhost: a\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(code(answer)).toBe('request_timeout');
  });

  test('with a body is answered with 408', async () => {
    await using server = await testServer({ routes, server: { limits } });
    const head =
      'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
    const answer = await exchange(server.port, head, '{"name":');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(code(answer)).toBe('request_timeout');
    expect(server.lines.filter((line) => Number(line['level']) >= 50)).toEqual([]);
  });
});

describe('whoever leaves', () => {
  test('in the middle of a body is no error of the service', async () => {
    await using server = await testServer({ routes });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    await expect.poll(() => server.registry.metrics()).toContain('http_requests_in_flight 1');
    socket.destroy();
    await expect.poll(() => server.registry.metrics()).toContain('http_requests_in_flight 0');
    expect(server.lines.filter((line) => Number(line['level']) >= 50)).toEqual([]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('odd requests', () => {
  test.each([
    ['GET', '/v1/things/../../etc/passwd'],
    ['GET', '//evil.example/v1/things'],
    ['GET', '/docs/static/../../package.json'],
    ['GET', '/docs/static/%2e%2e/%2e%2e/package.json'],
    ['GET', 'http://evil.example/v1/none'],
    ['OPTIONS', '*'],
    ['TRACE', '/v1/things'],
    ['GET', `/${'a'.repeat(8000)}`],
    ['GET', `/v1/things?${'a=1&'.repeat(2000)}`],
  ])('%s %.40s is an error of the caller', async (method, target) => {
    await using server = await testServer({ routes });
    const answer = await exchange(
      server.port,
      `${method} ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(server.lines.filter((line) => Number(line['level']) >= 50)).toEqual([]);
  });
});
