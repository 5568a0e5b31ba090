// `rlaas import` as a process of its own, against an origin that behaves as each test wants.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { runCli } from './run-cli.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const DECISION = {
  type: 'decision',
  occurred_at: '2025-01-01T00:00:00.000Z',
  policy: 'p',
  data: {
    context: {},
    actions: [{ id: 'a' }],
    chosen: 0,
    propensity: 1,
    policy_version: null,
    checkpoint: null,
    mode: 'live',
  },
};

let folder: string;
let file: string;
let origin: Server;
let environment: Record<string, string>;
const sent = Promise.withResolvers<void>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rlaas-import-'));
  file = join(folder, 'events.jsonl');
  await writeFile(file, `${JSON.stringify(DECISION)}\n`.repeat(3));
  const time = '2025-01-01T00:00:00.000Z';
  const answers: Record<string, object> = {
    '/v1/whoami': {
      tenant: { id: '0190a000-0000-7000-8000-000000000001', slug: 'acme' },
      key: {
        id: '0190a000-0000-7000-8000-000000000002',
        prefix: 'rlk_x',
        kind: 'secret',
        scopes: ['admin'],
        expires_at: null,
      },
      stale: false,
    },
    '/v1/imports': {
      import_id: '019ca8b2-93ff-7b10-8f21-6a5b4c3d2e1f',
      id_base: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d',
      source: 'events.jsonl',
      digest: '0'.repeat(64),
      status: 'open',
      created_at: time,
      completed_at: null,
      events: 0,
    },
  };
  origin = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (request.url === '/v1/events') sent.resolve();
    response.writeHead(answer ? 200 : 503, { 'content-type': 'application/json', 'retry-after': '60' });
    request.resume().once('end', () => response.end(JSON.stringify(answer ?? {})));
  }).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  environment = {
    PATH: process.env['PATH'] ?? '',
    RLAAS_API_KEY: 'some-key',
    RLAAS_BASE_URL: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
  };
});
afterAll(async () => {
  origin.closeAllConnections();
  origin.close();
  await rm(folder, { recursive: true });
});

test('Ctrl-C ends it at once, also while it waits for a collector that is busy, and says what is not sent', async () => {
  const child = spawn(process.execPath, [MAIN, 'import', 'jsonl', file], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close');
  // It ends early only where something else went wrong, which it then says.
  await Promise.race([sent.promise, closed]);
  child.kill('SIGINT');
  expect([await closed, stderr]).toEqual([
    [EXIT.failed, null],
    expect.stringContaining('Stopped. What is stored stays; run the same command again'),
  ]);
  expect(stdout).toMatch(/events\.jsonl {2}3 +0 +0 +0 +3 +stopped, 019ca8b2-93ff-7b10-8f21-6a5b4c3d2e1f\n$/);
});

describe('wrong usage is told before anything is asked of the installation', () => {
  const all = ['--policy', 'p', '--time', 't', '--action', 'a', '--propensity', 'p'];
  test.each([
    [['csv', 'x.csv'], 'rows want --policy, --time, --action and --propensity'],
    [['jsonl', 'x.jsonl', '--policy', 'p'], 'rows want --policy'],
    [['csv', 'x.csv', ...all], 'Say where the choices are'],
    [['csv', 'x.csv', ...all, '--actions', 'c', '--actions-from-policy'], 'Say where the choices are'],
    [['csv', 'x.csv', ...all, '--actions', 'c', '--outcome', 'So Much'], '--outcome "So Much" is no name'],
    [['open-bandit', 'x.csv', '--policy', 'p', '--items', '0'], 'It is a whole number from 1'],
    [['open-bandit', 'x.csv'], '--policy <name>'],
    [['jsonl', 'x.jsonl', '--rejects', './x.jsonl'], '--rejects names a file that is to be imported'],
  ])('%j', async (args, message) => {
    const ended = await runCli(['import', ...args], { RLAAS_BASE_URL: 'http://127.0.0.1:1' });
    expect(ended).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining(message) });
  });
});
