import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startBareServer } from '../src/ingest/bare-server.ts';
import { writeBodies } from '../src/load/bodies-file.ts';
import { type LoadGenerator, startLoadGenerator } from '../src/load/load-generator.ts';
import type { LoadJob } from '../src/load/load-job.ts';

const TIMEOUT_MS = 10_000;

async function bodiesFile(count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-load-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'bodies');
  await writeBodies(
    path,
    Array.from({ length: count }, (_, index) => JSON.stringify({ index })),
  );
  return path;
}

function generator(): LoadGenerator {
  const load = startLoadGenerator();
  onTestFinished(() => load.stop());
  return load;
}

function job(origin: string, file: string, more: Partial<LoadJob> = {}): LoadJob {
  return {
    url: `${origin}/v1/events`,
    headers: { 'x-from': 'bench' },
    bodiesFile: file,
    connections: 4,
    expected: { status: 200, text: '"accepted":1' },
    ...more,
  };
}

/** A server that tells what it is sent, and answers as it is told. */
async function recorder(answer: (count: number) => { status: number; body: string } | undefined): Promise<{
  origin: string;
  bodies: number[];
  connections: () => number;
  headers: Set<string | undefined>;
}> {
  const bodies: number[] = [];
  const headers = new Set<string | undefined>();
  let connections = 0;
  const server = createServer((request, response) => {
    headers.add(request.headers['x-from'] as string | undefined);
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      bodies.push((JSON.parse(text) as { index: number }).index);
      const given = answer(bodies.length);
      if (given)
        response.writeHead(given.status, { 'content-length': Buffer.byteLength(given.body) }).end(given.body);
      else request.socket.destroy();
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, bodies, connections: () => connections, headers };
}

const accepted = { status: 200, body: '{"counts":{"accepted":1}}' };

test('every body is sent once, over so many connections, and every answer is measured', async () => {
  const server = await recorder(() => accepted);
  const load = await generator().send(job(server.origin, await bodiesFile(500)), TIMEOUT_MS);
  expect(server.bodies.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(server.connections()).toBe(4);
  expect(server.headers).toEqual(new Set(['bench']));
  expect(load.latenciesMs).toHaveLength(500);
  expect(Math.min(...load.latenciesMs)).toBeGreaterThan(0);
  expect(Math.max(...load.latenciesMs)).toBeLessThanOrEqual(load.elapsedMs);
  expect(load.busy).toBeGreaterThan(0);
  expect(load.busy).toBeLessThanOrEqual(1);
});

test('the bare server takes it, for as long as is wanted', async () => {
  const server = await startBareServer();
  onTestFinished(() => server.stop());
  const load = await generator().send(
    job(server.origin, await bodiesFile(500_000), { durationMs: 200 }),
    TIMEOUT_MS,
  );
  expect(load.elapsedMs).toBeGreaterThanOrEqual(200);
  expect(load.elapsedMs).toBeLessThan(2_000);
  expect(load.latenciesMs.length).toBeGreaterThan(0);
  expect(load.latenciesMs.length).toBeLessThan(500_000);
});

test.each([
  ['another status', { status: 503, body: '{"counts":{"accepted":1}}' }, '503'],
  ['another count', { status: 200, body: '{"counts":{"accepted":0}}' }, '"accepted":0'],
  ['no JSON', { status: 200, body: 'hello' }, 'hello'],
  ['a broken connection', undefined, 'a request failed'],
])('one answer that is %s fails the whole load', async (_name, wrong, words) => {
  const server = await recorder((count) => (count === 50 ? wrong : accepted));
  const load = generator();
  await expect(load.send(job(server.origin, await bodiesFile(500)), TIMEOUT_MS)).rejects.toThrow(words);
  expect(server.bodies.length).toBeLessThan(100);
});

test('a generator that is not done in time is ended', async () => {
  const server = await recorder(() => accepted);
  const load = generator();
  const file = await bodiesFile(200_000);
  await expect(load.send(job(server.origin, file), 300)).rejects.toThrow('did not answer within 0.3 s');
  await expect(load.send(job(server.origin, file), 300)).rejects.toThrow('ended');
});

test('with a rate, requests begin no faster than that', async () => {
  const server = await recorder(() => accepted);
  const load = await generator().send(
    job(server.origin, await bodiesFile(100), { perSecond: 500 }),
    TIMEOUT_MS,
  );
  expect(load.latenciesMs).toHaveLength(100);
  // The last one is due 99 intervals of 2 ms after the first; a timer may be early by less than one.
  expect(load.elapsedMs).toBeGreaterThan(190);
});
