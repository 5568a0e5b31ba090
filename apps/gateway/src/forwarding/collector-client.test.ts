import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createCollectorClient } from './collector-client.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const TOKEN = 'a token of at least 32 characters';
const BODY = Buffer.from('{"events":[{"id":1}, {"id":2}]}');
const ANSWER = {
  request_id: 'r',
  received_at: '2026-03-01T09:30:00.000Z',
  counts: { received: 2, accepted: 1, duplicate: 0, rejected: 1, retry: 0 },
  results: [{ index: 1, id: null, status: 'rejected', code: 'invalid_id' }],
};

let answer: (response: ServerResponse) => void = () => undefined;
let seen = '';
const collector: Server = createServer((incoming, response) => {
  seen = [
    incoming.method,
    incoming.url,
    incoming.headers['x-rlaas-tenant'],
    incoming.headers['content-type'],
  ].join(' ');
  incoming.on('data', (chunk: Buffer) => (seen += ` ${chunk.toString()}`));
  incoming.on('end', () => answer(response));
});
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});
beforeEach(() => {
  seen = '';
});

const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const send = createCollectorClient({ url, internalToken: TOKEN, timeoutMs: 200 });
const never = new AbortController().signal;
const answers = (status: number, body: string, headers: Record<string, string> = {}): void => {
  answer = (response) => response.writeHead(status, headers).end(body);
};

test('the bytes arrive as they are, for the tenant, and the answer comes back', async () => {
  answers(207, JSON.stringify(ANSWER));
  expect(await send(TENANT, BODY, never)).toEqual({ kind: 'answered', answer: ANSWER });
  expect(seen).toBe(`POST /internal/events ${TENANT} application/json ${BODY.toString()}`);
});

test('a problem is a refusal with its code, and with how long it wants to be left alone', async () => {
  const problem = {
    type: 'urn:rlaas:problem:overloaded',
    title: 'The service is overloaded',
    status: 503,
    code: 'overloaded',
    detail: 'There is no room.',
    request_id: 'r',
    retryable: true,
  };
  answers(503, JSON.stringify(problem), { 'retry-after': '2' });
  const refused = { kind: 'refused', status: 503, code: 'overloaded', message: 'There is no room.' };
  expect(await send(TENANT, BODY, never)).toEqual({ ...refused, pauseMs: 2_000 });
  answers(503, JSON.stringify(problem), { 'retry-after': '86400' });
  expect(await send(TENANT, BODY, never)).toEqual({ ...refused, pauseMs: 60_000 });
});

test('what is no answer of a collector is a refusal that no decision is to blame for', async () => {
  answers(413, '<html>too large</html>', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' });
  expect(await send(TENANT, BODY, never)).toMatchObject({
    kind: 'refused',
    status: 413,
    code: 'unknown',
    message: expect.stringContaining('<html>too large') as string,
    pauseMs: 0,
  });
  answers(200, '{"ok":true}');
  expect(await send(TENANT, BODY, never)).toMatchObject({ kind: 'refused', status: 200, code: 'unknown' });
});

test('no answer in time, none at all, or nobody to wait for it: it throws', async () => {
  answer = () => undefined;
  await expect(send(TENANT, BODY, never)).rejects.toThrow('timeout');
  const halt = new AbortController();
  answer = () => halt.abort();
  await expect(send(TENANT, BODY, halt.signal)).rejects.toThrow('aborted');
  const nobody = createCollectorClient({ url: 'http://127.0.0.1:1', internalToken: TOKEN, timeoutMs: 200 });
  await expect(nobody(TENANT, BODY, never)).rejects.toThrow('ECONNREFUSED');
});
