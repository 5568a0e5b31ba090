import type { Event, EventResult, IngestAnswer } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import type { ApiClient, ApiExchange, ApiRequest } from '../apply/api-client.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { createHttpImportServer } from './http-import-server.ts';
import { rowId } from './row-id.ts';

const BASE = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const events: Event[] = ['a', 'b', 'c'].map((key) => ({
  id: rowId(BASE, BASE, key),
  type: 'outcome',
  occurred_at: '2025-01-01T00:00:00.000Z',
  source: 'x',
  decision_id: BASE,
  data: { name: 'sent', value: true },
}));

type Reply = Partial<ApiExchange> | 'silence' | ((body: { events: Event[] }) => Partial<ApiExchange>);

/** An installation that answers as told, and the time that passes while it is waited for. */
function installation(replies: Reply[], last?: Reply) {
  const stop = new AbortController();
  const asked: { path: string; events: string[] }[] = [];
  const pauses: number[] = [];
  let time = 0;
  const exchange: ApiClient['exchange'] = (path, request: ApiRequest = {}) => {
    const body = (request.body ?? {}) as { events: Event[] };
    asked.push({ path, events: (body.events ?? []).map(({ id }) => id) });
    const reply = replies.shift() ?? last;
    if (reply === undefined) throw new Error('asked once too often');
    if (reply === 'silence') return Promise.reject(new CommandError(EXIT.apiUnreachable, 'nobody answers'));
    return Promise.resolve({
      status: 200,
      headers: new Headers(),
      body: undefined,
      ...(typeof reply === 'function' ? reply(body) : reply),
    });
  };
  const server = createHttpImportServer({
    api: { origin: 'http://here', exchange, ask: () => Promise.reject(new Error('not used')) },
    now: () => time,
    sleep(ms) {
      pauses.push(ms);
      time += ms;
      return Promise.resolve();
    },
    signal: stop.signal,
  });
  return { server, asked, pauses, stop };
}

const answer = (status: number, received: number, results: EventResult[], headers = {}): ApiExchange => {
  const count = (what: EventResult['status']) => results.filter((result) => result.status === what).length;
  const body: IngestAnswer = {
    request_id: 'r',
    received_at: '2025-01-01T00:00:00.000Z',
    counts: {
      received,
      accepted: received - results.length + count('accepted'),
      duplicate: count('duplicate'),
      rejected: count('rejected'),
      retry: count('retry'),
    },
    results,
  };
  return { status, body, headers: new Headers(headers) };
};
const result = (index: number, status: EventResult['status']): EventResult => ({ index, id: null, status });
const busy = { status: 429, headers: new Headers({ 'retry-after': '7' }) };
const ids = events.map(({ id }) => id);

test('a batch is sent again while nothing is said of its events, with pauses as long as asked for', async () => {
  const { server, asked, pauses } = installation([
    'silence',
    { status: 503 },
    busy,
    answer(207, 3, [
      result(1, 'duplicate'),
      { ...result(2, 'rejected'), code: 'id_conflict', path: '/id', message: 'no' },
    ]),
  ]);
  expect(await server.send(BASE, events)).toEqual([
    { status: 'accepted' },
    { status: 'duplicate' },
    { status: 'rejected', code: 'id_conflict', path: '/id', message: 'no' },
  ]);
  expect(asked).toEqual(Array.from({ length: 4 }, () => ({ path: '/v1/events', events: ids })));
  expect(pauses).toEqual([500, 1_000, 7_000]);
});

test('only events that are to be sent again are', async () => {
  const { server, asked } = installation([
    answer(207, 3, [result(0, 'retry'), result(2, 'retry')], { 'retry-after': '1' }),
    answer(503, 2, [result(0, 'retry'), result(1, 'retry')]),
    answer(200, 2, [result(0, 'duplicate')]),
  ]);
  expect((await server.send(BASE, events)).map(({ status }) => status)).toEqual([
    'duplicate',
    'accepted',
    'accepted',
  ]);
  expect(asked.map((request) => request.events)).toEqual([ids, [ids[0], ids[2]], [ids[0], ids[2]]]);
});

test('it gives up after 5 minutes without an answer, or in which nothing was stored', async () => {
  const silent = installation([], 'silence');
  await expect(silent.server.send(BASE, events)).rejects.toThrow('nobody answers');
  const full = installation([], ({ events: sent }) =>
    answer(
      503,
      sent.length,
      sent.map((_, index) => result(index, 'retry')),
    ),
  );
  await expect(full.server.send(BASE, events)).rejects.toThrow('has stored nothing for 5 minutes');
  const waited = [silent, full].map(({ pauses }) => pauses.reduce((sum, pause) => sum + pause, 0) / 60_000);
  expect(waited.filter((minutes) => minutes < 5 || minutes > 6)).toEqual([]);
});

test('a refusal, and an answer that leaves events out, end it', async () => {
  const problem = {
    type: 'urn:rlaas:problem:scope_missing',
    title: 'The API key lacks a scope',
    status: 403,
    code: 'scope_missing',
    retryable: false,
    request_id: 'r',
  };
  const refused = installation([{ status: 403, body: problem }]);
  await expect(refused.server.send(BASE, events)).rejects.toThrow('403 scope_missing');
  // Two events of three are spoken of: the third is not known to be stored.
  const short = installation([answer(200, 2, [])]);
  await expect(short.server.send(BASE, events)).rejects.toThrow('not as RLaaS does');
});

test('broken off, it leaves the rest unsent', async () => {
  const { server, stop } = installation([
    () => {
      stop.abort();
      return answer(207, 3, [result(1, 'retry')]);
    },
  ]);
  expect((await server.send(BASE, events)).map(({ status }) => status)).toEqual([
    'unsent',
    'unsent',
    'unsent',
  ]);
  await expect(server.complete(BASE)).rejects.toThrow('Stopped before');
});

test('a policy is there, missing, or not to be seen', async () => {
  const policy = {
    name: 'p',
    configuration: { baseline_exploration: 0.1 },
    source: 'api',
    created_at: '2025-01-01T00:00:00.000Z',
    updated_at: '2025-01-01T00:00:00.000Z',
  };
  const { server } = installation([{ status: 200, body: policy }, { status: 404 }, { status: 403 }]);
  expect(await server.findPolicy('p')).toMatchObject({ name: 'p' });
  expect([await server.findPolicy('p'), await server.findPolicy('p')]).toEqual(['missing', 'hidden']);
});
