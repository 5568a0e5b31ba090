import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { SEED_API_KEY } from '@rlaas/schemas';
import { createTestDatabase, startProxy } from '@rlaas/testkit';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { newKey, newTenant } from './support/new-key.ts';
import { type Answer, TENANT, decision, outcome, startTestCollector } from './support/test-collector.ts';

const MIB = 1024 * 1024;
const db = await createTestDatabase({ seeded: true });
const target = new URL(db.url);
const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
const proxied = new URL(db.url);
proxied.host = `127.0.0.1:${proxy.port}`;
const collector = await startTestCollector(proxied.toString(), { stallMs: 300 });
afterAll(async () => {
  await collector.stop();
  await proxy.close();
});

const { ask, send } = collector;
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  ask('/v1/events', { headers: { 'content-type': 'application/json', ...headers }, body });
const told = ({ status, body }: Answer) => [status, body['code']];
const storedCount = async (source: string) =>
  (await db.sql<{ n: number }>('select count(*)::int as n from rlaas.events where source = $1', [source]))[0]
    ?.n;

/** A body of exactly so many bytes, most of them blanks between events. */
function bodyOf(bytes: number, events: readonly unknown[] = [outcome()]): string {
  const text = JSON.stringify({ events });
  return `${text.slice(0, -1)}${' '.repeat(bytes - Buffer.byteLength(text))}}`;
}

/** A baseline whose JSON has exactly so many bytes. */
function sized(bytes: number, source = 'sized') {
  const of = (text: string) =>
    decision({ mode: 'baseline', probabilities: [0, 1], propensity: 1, context: { text } }, { source });
  return of('x'.repeat(bytes - JSON.stringify(of('')).length));
}

/** Sends bytes as they are, and reads until the other side closes or says as much as `until`. */
async function raw(parts: readonly (string | Uint8Array)[], { end = false } = {}): Promise<string> {
  const socket = connect(collector.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  if (end) socket.end();
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  return Buffer.concat(chunks).toString();
}
const head = (...lines: string[]): string =>
  [
    'POST /v1/events HTTP/1.1',
    'host: collector',
    `authorization: Bearer ${SEED_API_KEY}`,
    'content-type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');

describe('how many', () => {
  test('1,000 events are taken, 1,001 are not', async () => {
    const events = Array.from({ length: 1_000 }, () => outcome({ source: 'thousand' }));
    const answer = await send(events);
    expect([answer.status, answer.body.counts.accepted]).toEqual([200, 1_000]);
    const more = await send([...events, outcome({ source: 'thousand' })]);
    expect([...told(more), more.body['path']]).toEqual([400, 'invalid_request', '/events']);
    const lines = [...events, outcome({ source: 'thousand' })].map((event) => JSON.stringify(event));
    const moreLines = await post(lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect([...told(moreLines), moreLines.body['path']]).toEqual([400, 'invalid_request', '/events']);
    expect(await storedCount('thousand')).toBe(1_000);
  });

  test('none at all', async () => {
    const none = await send([]);
    expect([...told(none), none.body['path']]).toEqual([400, 'invalid_request', '/events']);
    expect(told(await post(''))).toEqual([400, 'invalid_json']);
    expect(told(await post('\n\n', { 'content-type': 'application/x-ndjson' }))).toEqual([
      400,
      'invalid_json',
    ]);
    expect(told(await ask('/v1/events', { method: 'POST' }))).toEqual([400, 'invalid_request']);
  });
});

describe('how large', () => {
  test('a body of 8 MiB is taken, one byte more is not', async () => {
    expect((await post(bodyOf(8 * MIB))).body.counts.accepted).toBe(1);
    expect(told(await post(bodyOf(8 * MIB + 1)))).toEqual([413, 'body_too_large']);
  });

  test('8 MiB of nothing but events are taken too', async () => {
    const envelope = JSON.stringify({ events: [] }).length;
    const count = 33;
    const each = Math.floor((8 * MIB - envelope - count) / count);
    const events = Array.from({ length: count }, () => sized(each, 'full'));
    const answer = await post(bodyOf(8 * MIB, events));
    expect([answer.status, answer.body.counts]).toEqual([
      200,
      { received: count, accepted: count, duplicate: 0, rejected: 0, retry: 0 },
    ]);
    expect(await storedCount('full')).toBe(count);
    const refused = Array.from({ length: count }, () => ({ type: 'shout', text: 'x'.repeat(each - 32) }));
    const rejected = await post(bodyOf(8 * MIB, refused));
    expect([rejected.status, rejected.body.counts.rejected]).toEqual([422, count]);
  });

  test('without a length said before, it is counted on the way', async () => {
    const chunk = Buffer.alloc(65_536, 0x20);
    const answer = await raw([
      head('transfer-encoding: chunked'),
      ...Array.from({ length: 129 }, () =>
        Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]),
      ),
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"body_too_large"');
  });

  test('2 MiB packed, and not a byte more', async () => {
    const body = new Uint8Array(2 * MIB + 1);
    const answer = await post(body, { 'content-encoding': 'gzip' });
    expect(told(answer)).toEqual([413, 'body_too_large']);
    expect(answer.body['detail']).toContain('packed with gzip');
    // Of three quarters of their length when packed: a little less than 2 MiB.
    const noise = randomBytes(Math.floor(1.99 * MIB)).toString('base64');
    const packed = new Uint8Array(gzipSync(JSON.stringify({ events: [{ noise }] })));
    expect(packed.length).toBeGreaterThan(1.95 * MIB);
    expect(packed.length).toBeLessThan(2 * MIB);
    expect((await post(packed, { 'content-encoding': 'gzip' })).body.results[0]?.path).toBe('/type');
  });

  test('an event of 256 KiB is taken; one that is larger is rejected alone, and kept in part', async () => {
    const [small, most, large] = [outcome(), sized(256 * 1024), sized(256 * 1024 + 1)];
    const answer = await send([small, most, large]);
    expect(answer.status).toBe(207);
    expect(answer.body.counts).toMatchObject({ accepted: 2, rejected: 1 });
    expect(answer.body.results).toMatchObject([
      { index: 2, id: large.id, code: 'event_too_large', path: '' },
    ]);
    expect(
      await db.sql(
        'select code, truncated, length(event) as kept from rlaas.dead_letters where event_id = $1',
        [large.id],
      ),
    ).toEqual([{ code: 'event_too_large', truncated: true, kept: 4_096 }]);
  });

  test('the journal of the gateway may bring 1 MiB', async () => {
    const large = sized(1024 * 1024);
    expect((await collector.sendInternal([large])).body.counts.accepted).toBe(1);
    expect((await collector.sendInternal([sized(1024 * 1024 + 1)])).body.results[0]?.code).toBe(
      'event_too_large',
    );
  });

  test('what grows to more than 50 times its size is stopped', async () => {
    const zeros = Buffer.alloc(64 * MIB, 0x20);
    for (const [encoding, packed] of [
      ['gzip', gzipSync(zeros)],
      ['br', brotliCompressSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
    ] as const) {
      expect(told(await post(new Uint8Array(packed), { 'content-encoding': encoding })), encoding).toEqual([
        413,
        'body_too_large',
      ]);
    }
    // Small bodies may be repetitive: a page of equal events is.
    const events = Array.from({ length: 100 }, () => outcome({ type: 'shout', id: 'same' }));
    const packed = new Uint8Array(gzipSync(JSON.stringify({ events })));
    expect((await post(packed, { 'content-encoding': 'gzip' })).status).toBe(422);
  });
});

describe('what cannot be read', () => {
  test.each([['deflate'], ['gzip, gzip'], ['compress'], ['x']])('encoding %s', async (encoding) => {
    expect(told(await post('{}', { 'content-encoding': encoding }))).toEqual([415, 'unsupported_media_type']);
  });

  test('what is not packed as it says, or only in part', async () => {
    const packed = {
      gzip: gzipSync(bodyOf(1_000)),
      br: brotliCompressSync(bodyOf(1_000)),
      zstd: zstdCompressSync(bodyOf(1_000)),
    };
    for (const [encoding, whole] of Object.entries(packed)) {
      const broken = Buffer.from(whole);
      broken.writeUInt32LE(0xdeadbeef, 12);
      for (const body of [broken, whole.subarray(0, -4), Buffer.from('{"events":[]}'), Buffer.alloc(0)]) {
        const answer = await post(new Uint8Array(body), { 'content-encoding': encoding });
        expect(told(answer), `${encoding} ${body.length}`).toEqual([400, 'invalid_request']);
      }
    }
  });

  test.each<[string, Buffer]>([
    ['Latin-1', Buffer.from('{"events":["ä"]}', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFF{"events":[]}', 'utf16le')],
    ['overlong', Buffer.concat([Buffer.from('{"events":["'), Buffer.from([0xc1, 0x81]), Buffer.from('"]}')])],
    [
      'a character that is cut',
      Buffer.concat([Buffer.from('{"events":["'), Buffer.from([0xe2, 0x82]), Buffer.from('"]}')]),
    ],
  ])('%s', async (_name, body) => {
    expect(told(await post(new Uint8Array(body)))).toEqual([400, 'invalid_json']);
  });

  test('a mark in front of UTF-8 is well', async () => {
    expect((await post(`\uFEFF${JSON.stringify({ events: [outcome()] })}`)).status).toBe(200);
  });

  test('a body that is shorter or longer than it says, and one that breaks off', async () => {
    const body = bodyOf(400);
    const shorter = await raw([head(`content-length: ${body.length + 10}`), body], { end: true });
    expect(shorter).toMatch(/^(HTTP\/1\.1 400 |$)/);
    const longer = await raw([head(`content-length: ${body.length - 10}`), body]);
    expect(longer).toMatch(/^HTTP\/1\.1 400 /);
    const both = await raw([head('content-length: 5', 'transfer-encoding: chunked'), body]);
    expect(both).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw([head('content-length: -1'), body])).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw([head('content-length: 99999999999999999999'), body])).toMatch(/^HTTP\/1\.1 4(00|13) /);
  });

  test('a body that does not come', async () => {
    const startedAt = performance.now();
    const silent = await raw([head('content-length: 100'), '{']);
    expect(silent).toMatch(/^HTTP\/1\.1 408 /);
    expect(silent).toContain('"code":"request_timeout"');
    expect(silent).toContain('"retryable":true');
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });
});

describe('what a key may use', () => {
  test('beyond its events it waits, and nothing of the batch is stored', async () => {
    const limited = await startTestCollector(db.url, { eventsPerKey: 10 });
    const events = (count: number) => Array.from({ length: count }, () => outcome({ source: 'quota' }));
    expect((await limited.send(events(20))).status).toBe(200);
    const refused = await limited.send(events(1));
    expect(told(refused)).toEqual([429, 'rate_limited']);
    expect(refused.body['retryable']).toBe(true);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('ratelimit-limit')).toBe('10');
    expect(await storedCount('quota')).toBe(20);
    // Whoever loses events must be able to say so.
    const reports = await Promise.all(
      Array.from({ length: 20 }, () =>
        limited.ask('/v1/client-reports', {
          body: {
            sdk: { name: 'rlaas-ts', version: '1.0.0' },
            drops: [{ reason: 'ratelimit_backoff', count: 3 }],
          },
        }),
      ),
    );
    expect(reports.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 204));
    expect(await limited.metric('client_dropped_events_total')).toBe(60);
    const other = await newKey(limited.database, TENANT);
    expect((await limited.ask('/v1/events', { key: other, body: { events: events(1) } })).status).toBe(200);
    await limited.stop();
  });

  test('bytes count as they come and as they are unpacked', async () => {
    const limited = await startTestCollector(db.url, { bytesPerKey: 1_000 });
    const packed = new Uint8Array(gzipSync(bodyOf(20_000)));
    expect(packed.length).toBeLessThan(1_000);
    const pack = () =>
      limited.ask('/v1/events', {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: packed,
      });
    expect((await pack()).status).toBe(200);
    const refused = await pack();
    expect(told(refused)).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(10);
    await limited.stop();
  });
});

describe('memory that bodies hold', () => {
  test('comes back, also from callers that leave while their body is unpacked', async () => {
    const packed = gzipSync(
      bodyOf(8 * MIB, [outcome({ data: { x: randomBytes(300_000).toString('base64') } })]),
    );
    const request = Buffer.concat([
      Buffer.from(head('content-encoding: gzip', `content-length: ${packed.length}`)),
      packed,
    ]);
    for (let round = 0; round < 30; round += 1) {
      const socket = connect(collector.port, '127.0.0.1');
      await once(socket, 'connect');
      await new Promise<void>((resolve) => void socket.write(request, () => resolve()));
      await sleep(round % 10);
      socket.resetAndDestroy();
    }
    await vi.waitFor(async () => expect(await collector.metric('body_bytes')).toBe(0), { timeout: 5_000 });
    expect((await send([outcome()])).status).toBe(200);
  });
});

describe('a full queue', () => {
  test('says so before a body is read, for one tenant alone; all are well when there is room again', async () => {
    const otherTenant = await newTenant(collector.database, 'other');
    const otherKey = await newKey(collector.database, otherTenant);
    // Both keys are known from now on, so that no database is needed to tell them.
    const sendAs = (key: string, events: readonly unknown[]) => ask('/v1/events', { key, body: { events } });
    expect((await sendAs(otherKey, [outcome()])).status).toBe(200);
    proxy.muteAll();
    const waiting: Promise<Answer>[] = [];
    // A quarter of 20,000 rows: five full batches.
    for (let n = 0; n < 5; n += 1) {
      waiting.push(send(Array.from({ length: 1_000 }, () => outcome({ source: 'queue' }))));
    }
    await vi.waitFor(async () => expect(await collector.metric('queue_rows')).toBe(5_000), {
      timeout: 10_000,
    });
    const refused = await raw([head('content-length: 7000000'), '{"events":[']);
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused.toLowerCase()).toContain('\r\nretry-after: 1\r\n');
    expect(refused).toContain('"code":"overloaded"');
    const other = sendAs(otherKey, [outcome()]);
    await vi.waitFor(async () => expect(await collector.metric('queue_rows')).toBe(5_001), {
      timeout: 5_000,
    });
    proxy.cutAll();
    // Nobody knows whether what was under way is stored; what was not is stored now.
    const answers = await Promise.all([...waiting, other]);
    for (const { status } of answers) expect([200, 207, 503]).toContain(status);
    expect((await send([outcome()])).status).toBe(200);
    expect((await sendAs(otherKey, [outcome()])).status).toBe(200);
    expect(await collector.metric('queue_rows')).toBe(0);
    expect(await collector.metric('events_unbalanced')).toBe(0);
  });
});
