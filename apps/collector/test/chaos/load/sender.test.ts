import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@rlaas/database/embedded';
import { expect, test } from 'vitest';
import type { SentEvent } from '../history/history.ts';
import { answerOf, createSender } from './sender.ts';

const event: SentEvent = { number: 1, id: 'a', meant: 'well', content: { id: 'a' } };
const results = {
  counts: { received: 1, accepted: 0, duplicate: 0, rejected: 1, retry: 0 },
  results: [{ index: 0, id: 'a', status: 'rejected' as const, code: 'schema_invalid' }],
};

test('what an answer says', () => {
  expect(answerOf(422, JSON.stringify({ ...results, request_id: 'r' }))).toEqual({
    kind: 'results',
    status: 422,
    ...results,
  });
  const problem = '{"code":"overloaded"}';
  for (const status of [408, 429, 503])
    expect(answerOf(status, problem)).toEqual({ kind: 'refused', status });
  for (const [status, body] of [
    [500, problem],
    [200, problem],
    [503, 'no JSON'],
    [200, JSON.stringify({ ...results, results: [{ index: 0, id: 'a', status: 'kept' }] })],
  ] as const) {
    expect(answerOf(status, body)).toEqual({ kind: 'unexpected', status, body });
  }
});

/** Sends once to a server that behaves so, and counts how often it was asked. */
async function sendTo(behaviour: RequestListener, patienceMs = 5_000) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    behaviour(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sender = createSender('key');
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await sender.send([event], {
      origin: `http://127.0.0.1:${port}`,
      whole: true,
      patienceMs,
    });
    return { answer, asked };
  } finally {
    sender.close();
    server.closeAllConnections();
    server.close();
  }
}

test('an answer', async () => {
  const sent = await sendTo((request, response) => {
    expect(request.headers).toMatchObject({ authorization: 'Bearer key', prefer: 'return=representation' });
    response.writeHead(422).end(JSON.stringify(results));
  });
  expect(sent).toEqual({ answer: { kind: 'results', status: 422, ...results }, asked: 1 });
});

test.each<[string, RequestListener]>([
  ['before the answer', (_request, response) => void response.destroy()],
  [
    'within the answer',
    (_request, response) =>
      void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
  ],
])(
  'a connection that breaks %s leaves the request unanswered, and it is not sent again',
  async (_when, behaviour) => {
    const { answer, asked } = await sendTo(behaviour);
    expect([answer.kind, asked]).toEqual(['unanswered', 1]);
  },
);

test('a client that gives up', async () => {
  const { answer } = await sendTo(() => undefined, 50);
  expect(answer).toEqual({ kind: 'unanswered', reason: 'gave up waiting' });
});

test('without a connection nothing was sent', async () => {
  const sender = createSender('key');
  const origin = `http://127.0.0.1:${await freePort()}`;
  expect(await sender.send([event], { origin, whole: true, patienceMs: 5_000 })).toEqual({ kind: 'unsent' });
  sender.close();
});
