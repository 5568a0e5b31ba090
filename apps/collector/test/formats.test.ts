import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { newId } from '@rlaas/database';
import { createTestDatabase } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { newKey } from './support/new-key.ts';
import { TENANT, decision, outcome, startTestCollector } from './support/test-collector.ts';

const db = await createTestDatabase({ seeded: true });
const collector = await startTestCollector(db.url);
afterAll(() => collector.stop());
const ORIGIN = 'https://shop.example';
const pageKey = await newKey(collector.database, TENANT, { kind: 'publishable', allowed_origins: [ORIGIN] });

const { ask } = collector;
const NDJSON = 'application/x-ndjson';
const CLOUD_BATCH = 'application/cloudevents-batch+json';
const CLOUD_EVENT = 'application/cloudevents+json';

const post = (type: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  ask('/v1/events', { headers: { 'content-type': type, ...headers }, body });
const stored = (id: string) => db.sql<{ data: unknown }>('select data from rlaas.events where id = $1', [id]);
const storedOf = (source: string) =>
  db.sql<Record<string, unknown>>(
    `select id, type, occurred_at, policy, decision_id, external_id, episode_id, data from rlaas.events
     where source = $1 order by id`,
    [source],
  );
let sources = 0;
const newSource = (): string => `/formats/${(sources += 1)}`;

const cloudEvent = (changes: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: '1',
  source: newSource(),
  type: 'rlaas.outcome',
  time: new Date().toISOString(),
  decisionid: newId(Date.now()),
  data: { name: 'right', value: true },
  ...changes,
});

describe('lines', () => {
  test('each is an event; blank lines do not count, and one that is broken is rejected alone and kept', async () => {
    const [one, two] = [outcome(), outcome()];
    const broken = `{"id":"${newId(Date.now())}","type":`;
    const body = ['', JSON.stringify(one), '  ', broken, '', JSON.stringify(two), ''].join('\r\n');
    const answer = await post(NDJSON, body);
    expect(answer.status).toBe(207);
    expect(answer.body.counts).toMatchObject({ received: 3, accepted: 2, rejected: 1 });
    expect(answer.body.results).toEqual([
      {
        index: 1,
        id: null,
        status: 'rejected',
        code: 'schema_invalid',
        path: '',
        message: 'this line is not valid JSON',
      },
    ]);
    expect(await stored(one.id)).toHaveLength(1);
    expect(await stored(two.id)).toHaveLength(1);
    expect(
      await db.sql('select code, origin from rlaas.dead_letters where event like $1', [`${broken}%`]),
    ).toEqual([{ code: 'schema_invalid', origin: 'key' }]);
  });

  test('what a line leaves open does not reach into the next', async () => {
    const good = outcome();
    const open = Array.from({ length: 70 }, () => '{"a":[');
    const answer = await post(NDJSON, [...open, '{"a":"', JSON.stringify(good)].join('\n'));
    expect(answer.body.counts).toMatchObject({ received: 72, accepted: 1, rejected: 71 });
  });

  test('mode and import_id stand in the query', async () => {
    const good = outcome();
    const lines = `${JSON.stringify(good)}\n{`;
    const atomic = await ask('/v1/events?mode=atomic', { headers: { 'content-type': NDJSON }, body: lines });
    expect([atomic.status, atomic.body.counts.retry]).toEqual([422, 1]);
    expect(await stored(good.id)).toEqual([]);
    const unknown = await ask(`/v1/events?import_id=${newId(0)}`, {
      headers: { 'content-type': NDJSON },
      body: lines,
    });
    expect(unknown.status).toBe(404);
    expect(
      (await ask('/v1/events?mode=all', { headers: { 'content-type': NDJSON }, body: lines })).status,
    ).toBe(400);
  });
});

describe('CloudEvents', () => {
  test('a batch, its ids from time, source and id: sent again nothing is stored twice', async () => {
    const source = newSource();
    const events = [
      cloudEvent({ source }),
      cloudEvent({ source, id: '2', type: 'com.example.rlaas.feedback', data: { name: 'q', rating: 4 } }),
    ];
    const first = await post(CLOUD_BATCH, JSON.stringify(events));
    expect([first.status, first.body.counts.accepted]).toEqual([200, 2]);
    const again = await post(CLOUD_BATCH, JSON.stringify(events.toReversed()));
    expect([again.status, again.body.counts.duplicate]).toEqual([200, 2]);
    const changed = await post(
      CLOUD_BATCH,
      JSON.stringify([{ ...events[0], data: { name: 'right', value: false } }]),
    );
    expect([changed.status, changed.body.results[0]?.code]).toEqual([422, 'id_conflict']);
    const rows = await storedOf(source);
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(['outcome', 'feedback']));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  });

  test('one alone, with the extensions', async () => {
    const event = cloudEvent({
      decisionid: undefined,
      policy: 'support-draft',
      externalid: 'draft-1',
      episodeid: 'ticket-1',
    });
    const answer = await post(CLOUD_EVENT, JSON.stringify(event));
    expect([answer.status, answer.body.counts.accepted]).toEqual([200, 1]);
    expect(await storedOf(event.source)).toMatchObject([
      {
        type: 'outcome',
        policy: 'support-draft',
        decision_id: null,
        external_id: 'draft-1',
        episode_id: 'ticket-1',
      },
    ]);
    const withDecision = cloudEvent();
    expect((await post(CLOUD_EVENT, JSON.stringify(withDecision))).status).toBe(200);
    expect(await storedOf(withDecision.source)).toMatchObject([{ decision_id: withDecision.decisionid }]);
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['no time', { time: undefined }, 'schema_invalid', '/time'],
    ['bytes', { data_base64: 'AAAA' }, 'schema_invalid', '/data_base64'],
    ['another version', { specversion: '0.3' }, 'schema_invalid', '/specversion'],
    ['XML', { datacontenttype: 'application/xml' }, 'schema_invalid', '/datacontenttype'],
    ['a type of nobody', { type: 'com.example.sent' }, 'unknown_type', '/type'],
    ['a time long ago', { time: '2020-01-01T00:00:00Z' }, 'id_too_old', '/id'],
    ['data that are wrong', { data: { name: 'right' } }, 'schema_invalid', '/data/value'],
  ])('%s is rejected by its path and kept', async (_name, changes, code, path) => {
    const event = cloudEvent(changes);
    const answer = await post(CLOUD_BATCH, JSON.stringify([cloudEvent(), event]));
    expect(answer.status).toBe(207);
    expect(answer.body.results).toMatchObject([{ index: 1, status: 'rejected', code, path }]);
    expect(
      await db.sql('select code, path from rlaas.dead_letters where event like $1', [`%"${event.source}"%`]),
    ).toEqual([{ code, path }]);
  });
});

describe('packed bodies', () => {
  const packers = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };
  test.for(Object.entries(packers))('%s', async ([encoding, pack]) => {
    const bodies: [string, string][] = [
      ['application/json', JSON.stringify({ events: [outcome()] })],
      [NDJSON, `${JSON.stringify(outcome())}\n`],
      [CLOUD_BATCH, JSON.stringify([cloudEvent()])],
      [CLOUD_EVENT, JSON.stringify(cloudEvent())],
    ];
    for (const [type, text] of bodies) {
      const body = new Uint8Array(pack(Buffer.from(text)));
      const answer = await post(type, body, { 'content-encoding': encoding });
      expect([type, answer.status, answer.body.counts?.accepted]).toEqual([type, 200, 1]);
    }
  });

  test('the name of an encoding in capitals, and identity', async () => {
    const body = JSON.stringify({ events: [outcome()] });
    const packed = new Uint8Array(gzipSync(body));
    expect((await post('application/json', packed, { 'content-encoding': 'GZIP' })).status).toBe(200);
    expect((await post('application/json', body, { 'content-encoding': 'identity' })).status).toBe(200);
  });
});

describe('content types', () => {
  const body = (): string => JSON.stringify({ events: [outcome()] });
  test.each([
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/xml', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('%s: %i', async (type, status) => {
    expect((await post(type, body())).status).toBe(status);
  });

  test('none at all', async () => {
    const answer = await ask('/v1/events', { body: new TextEncoder().encode(body()) });
    expect([answer.status, answer.body['code']]).toEqual([415, 'unsupported_media_type']);
  });

  test('text is JSON where pages may send it, and nowhere else', async () => {
    expect((await post('text/plain;charset=UTF-8', body())).status).toBe(200);
    const validate = await ask('/v1/events/validate', {
      headers: { 'content-type': 'text/plain' },
      body: body(),
    });
    expect(validate.status).toBe(415);
    expect((await post('text/plain; charset=utf-16', body())).status).toBe(415);
    expect((await post('text/html', body())).status).toBe(415);
  });
});

describe('publishable keys', () => {
  const page = (body: string | object, path = '/v1/events', headers: Record<string, string> = {}) =>
    ask(path, {
      key: pageKey,
      headers: { origin: ORIGIN, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('send what pages know, and nothing else', async () => {
    const common = { decision_id: newId(Date.now()) };
    const baseline = decision({ mode: 'baseline', probabilities: [0, 1], propensity: 1 });
    const allowed = [
      outcome(),
      outcome({ ...common, type: 'feedback', data: { name: 'q', thumb: 'up' } }),
      outcome({ ...common, type: 'activation', data: undefined }),
      baseline,
    ];
    const refused = [
      outcome({ ...common, type: 'reward', data: { value: 1 } }),
      outcome({ ...common, type: 'demonstration', data: { draft: 'a', final: 'b' } }),
      outcome({
        ...common,
        type: 'episode_end',
        policy: 'support-draft',
        decision_id: undefined,
        episode_id: 'e',
        data: undefined,
      }),
    ];
    const answer = await page({ events: [...allowed, ...refused, decision()] });
    expect(answer.body.counts).toMatchObject({ accepted: 4, rejected: 4 });
    expect(answer.body.results.map(({ index, code, path }) => [index, code, path])).toEqual([
      [4, 'not_allowed', '/type'],
      [5, 'not_allowed', '/type'],
      [6, 'not_allowed', '/type'],
      [7, 'not_allowed', '/data/mode'],
    ]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  test('may stand in the URL, with the body as text: what a page sends that is being closed', async () => {
    const event = outcome();
    const beacon = await ask(`/v1/events?key=${pageKey}`, {
      key: '',
      headers: { origin: ORIGIN, 'content-type': 'text/plain;charset=UTF-8' },
      body: JSON.stringify({ events: [event] }),
    });
    expect([beacon.status, beacon.body.counts.accepted]).toEqual([200, 1]);
    expect(await stored(event.id)).toHaveLength(1);
    const secret = await ask('/v1/events?key=acme-support-key', {
      key: '',
      headers: { origin: ORIGIN, 'content-type': 'text/plain' },
      body: JSON.stringify({ events: [outcome()] }),
    });
    expect(secret.status).toBe(401);
  });

  test('from nowhere else, and not to other routes', async () => {
    const events = { events: [outcome()] };
    expect((await page(events, '/v1/events', { origin: 'https://evil.example' })).body['code']).toBe(
      'origin_refused',
    );
    expect((await page(events, '/v1/events/validate')).body['code']).toBe('publishable_key_refused');
    expect((await page({ events: [outcome()], import_id: newId(0) })).body['code']).toBe('scope_missing');
  });
});

describe('what an answer says', () => {
  test('with Prefer: return=representation, every event', async () => {
    const [one, two] = [outcome(), outcome()];
    await collector.send([two]);
    const answer = await post(
      'application/json',
      JSON.stringify({ events: [one, two, outcome({ type: 'x' })] }),
      {
        prefer: 'respond-async, return=representation',
      },
    );
    expect(answer.headers.get('preference-applied')).toBe('return=representation');
    expect(answer.body.results.map(({ index, id, status }) => [index, id, status]).slice(0, 2)).toEqual([
      [0, one.id, 'accepted'],
      [1, two.id, 'duplicate'],
    ]);
    expect(answer.body.results[2]).toMatchObject({ index: 2, status: 'rejected', code: 'unknown_type' });
    expect((await collector.send([outcome()])).headers.get('preference-applied')).toBeNull();
  });

  test('validation answers the same and leaves no trace', async () => {
    const metrics = async () =>
      Promise.all(
        [
          'events_received_total',
          'events_accepted_total',
          'events_rejected_total',
          'events_duplicate_total',
        ].map((name) => collector.metric(name)),
      );
    const rows = async () =>
      db.sql(`select (select count(*)::int from rlaas.events) as events, (select count(*)::int from rlaas.dead_letters) as letters,
                (select count(*)::int from rlaas.ingest_batches) as batches, (select coalesce(sum(times), 0)::int from rlaas.dead_letters) as times`);
    const bodies: [string, string, string][] = [
      [
        'application/json',
        JSON.stringify({ events: [outcome(), outcome({ type: 'x' }), outcome({ subject: 'ada' })] }),
        '',
      ],
      [
        'application/json',
        JSON.stringify({ events: [outcome(), outcome({ type: 'x' })], mode: 'atomic' }),
        '',
      ],
      [NDJSON, `${JSON.stringify(outcome())}\n{\n`, ''],
      [NDJSON, `${JSON.stringify(outcome())}\n{\n`, '?mode=atomic'],
      [CLOUD_BATCH, JSON.stringify([cloudEvent(), cloudEvent({ time: 'x' })]), ''],
      ['application/json', JSON.stringify({ events: [] }), ''],
      ['application/json', '{"events":', ''],
    ];
    for (const [type, body, query] of bodies) {
      const before = [await metrics(), await rows()];
      const headers = { 'content-type': type };
      const dry = await ask(`/v1/events/validate${query}`, { headers, body });
      expect([await metrics(), await rows()]).toEqual(before);
      const real = await ask(`/v1/events${query}`, { headers, body });
      expect([dry.status, dry.body.counts, dry.body.results, dry.body['code']]).toEqual([
        real.status,
        real.body.counts,
        real.body.results,
        real.body['code'],
      ]);
    }
  });
});

/** The same value with its members in another order everywhere, written by hand so that nothing sorts them. */
function shuffled(value: unknown, next: () => number): string {
  if (Array.isArray(value)) return `[${value.map((item) => shuffled(item, next)).join(' , ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .map(([name, member]) => ({ at: next(), text: `${JSON.stringify(name)} : ${shuffled(member, next)}` }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join('\n,')}}`;
}

const name = fc.stringMatching(/^[a-z0-9_äß😀]{1,6}$/u).filter((text) => text !== '__proto__');
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ min: -1_000, max: 1_000, noNaN: true }),
  fc.constant(5e-324),
);
const context = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    number,
    fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .filter((text) => !text.includes('\0') && text.isWellFormed()),
    fc.array(number, { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
})).object;

test('whatever the order of its members and the blanks between them, an event is the same', async () => {
  await fc.assert(
    fc.asyncProperty(context, fc.infiniteStream(fc.nat()), async (given, numbers) => {
      const event = decision({ mode: 'baseline', probabilities: [0, 1], propensity: 1, context: given });
      const first = await collector.send([event]);
      expect(first.body.counts.accepted, JSON.stringify(first.body.results)).toBe(1);
      const next = (): number => numbers.next().value ?? 0;
      const again = await post('application/json', `{"events":[${shuffled(event, next)}]}`);
      expect(again.body.counts.duplicate, JSON.stringify(event)).toBe(1);
    }),
    { numRuns: 60 },
  );
});
