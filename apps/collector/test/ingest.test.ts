import { newId } from '@rlaas/database';
import { createTestDatabase, startProxy } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Answer, decision, outcome, startTestCollector } from './support/test-collector.ts';

const db = await createTestDatabase({ seeded: true });
const target = new URL(db.url);
const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
const proxied = new URL(db.url);
proxied.host = `127.0.0.1:${proxy.port}`;
const collector = await startTestCollector(proxied.toString());
afterAll(async () => {
  await collector.stop();
  await proxy.close();
});

const { send, sendInternal } = collector;
const codes = ({ body }: Answer) => body.results.map((result) => result.code ?? result.status);
const stored = async (ids: string[]) =>
  (await db.sql<{ id: string }>('select id from rlaas.events where id = any ($1) order by id', [ids])).map(
    (row) => row.id,
  );
const letters = (ids: string[]) =>
  db.sql<{ event_id: string; code: string; times: number }>(
    'select event_id, code, times from rlaas.dead_letters where event_id = any ($1) order by event_id, code',
    [ids],
  );

describe('ingest', () => {
  test('any split, order and repetition of events over requests leaves the same rows, one delivery a batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (size, requests) => {
          const events = Array.from({ length: size }, (_, n) =>
            outcome({ data: { name: 'right', value: n } }),
          );
          const answers = await Promise.all(
            requests.map((picks) => send(picks.map((pick) => events[pick % size]))),
          );
          const sent = [...new Set(requests.flat().map((pick) => events[pick % size]?.id ?? ''))].toSorted();
          const rows = await db.sql<{ id: string; data: unknown }>(
            'select id, data from rlaas.events where id = any ($1) order by id',
            [events.map((event) => event.id)],
          );
          const byId = new Map(events.map((event) => [event.id, event['data']]));
          expect(rows).toEqual(sent.map((id) => ({ id, data: byId.get(id) })));
          // Acknowledged as new exactly once each, all else as duplicates.
          const counts = answers.map(({ body }) => body.counts);
          expect(counts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(sent.length);
          expect(counts.every((one) => one.received === one.accepted + one.duplicate)).toBe(true);
          expect(answers.every(({ status }) => status === 200)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
    const [wrong] = await db.sql<{ undelivered: number; miscounted: number }>(
      `select (select count(*)::int from rlaas.events e where not exists (
                 select from rlaas.batch_deliveries d
                 where d.consumer = 'reward' and d.batch_id = e.batch_id and d.tenant_id = e.tenant_id)) as undelivered,
              (select count(*)::int from rlaas.ingest_batches b
               where b.rows <> (select count(*) from rlaas.events e where e.batch_id = b.id)) as miscounted`,
    );
    expect(wrong).toEqual({ undelivered: 0, miscounted: 0 });
    expect(await collector.metric('events_unbalanced')).toBe(0);
  });

  test('a bad event is named by place, path, code and a sentence, and kept; the others are stored', async () => {
    const good = outcome();
    const bad = outcome({ data: { name: 'right' } });
    const answer = await send([
      good,
      bad,
      outcome({ type: 'shout' }),
      outcome({ schema_version: 2 }),
      outcome({ occurred_at: '2999-01-01T00:00:00.000Z' }),
      outcome({ data: { name: 'right', value: 'a\u0000b' } }),
      outcome({ data: { name: 'right', value: '\uD800' } }),
      outcome({ id: 'nonsense' }),
      outcome({ id: newId(Date.now() + 2 * 3_600_000) }),
      outcome({ id: newId(Date.now() - 60 * 86_400_000) }),
      outcome({ data: { name: 'right', value: 2 ** 53 } }),
      outcome({ more: 1 }),
      'nonsense',
    ]);
    expect(answer.status).toBe(207);
    expect(answer.body.counts).toEqual({ received: 13, accepted: 1, duplicate: 0, rejected: 12, retry: 0 });
    expect(answer.body.results.map(({ index, code, path }) => [index, code, path])).toEqual([
      [1, 'schema_invalid', '/data/value'],
      [2, 'unknown_type', '/type'],
      [3, 'unsupported_version', '/schema_version'],
      [4, 'occurred_in_future', '/occurred_at'],
      [5, 'schema_invalid', '/data/value'],
      [6, 'schema_invalid', '/data/value'],
      [7, 'invalid_id', '/id'],
      [8, 'id_in_future', '/id'],
      [9, 'id_too_old', '/id'],
      [10, 'schema_invalid', '/data/value'],
      [11, 'schema_invalid', '/more'],
      [12, 'schema_invalid', ''],
    ]);
    expect(answer.body.results[0]?.message).toBe('is required');
    expect(answer.body.results.every((result) => (result.message ?? '').length > 8)).toBe(true);
    expect(await stored([good.id, bad.id])).toEqual([good.id]);
    expect(await letters([good.id, bad.id])).toEqual([
      { event_id: bad.id, code: 'schema_invalid', times: 1 },
    ]);
  });

  test('the same id with another content is a conflict, also within one batch; the first stays', async () => {
    const id = newId(Date.now());
    const of = (value: number) =>
      outcome({ id, occurred_at: '2026-03-01T00:00:00.000Z', data: { name: 'right', value } });
    expect(codes(await send([of(1), of(2), of(1)]))).toEqual(['id_conflict', 'duplicate']);
    expect(codes(await send([of(3)]))).toEqual(['id_conflict']);
    expect(await db.sql("select data ->> 'value' as value from rlaas.events where id = $1", [id])).toEqual([
      { value: '1' },
    ]);
    expect(await letters([id])).toEqual([
      { event_id: id, code: 'id_conflict', times: 1 },
      { event_id: id, code: 'id_conflict', times: 1 },
    ]);
  });

  test('what is written another way is the same event', async () => {
    const event = outcome();
    expect((await send([event])).body.counts.accepted).toBe(1);
    const turned = Object.fromEntries(Object.entries(event).toReversed());
    expect(codes(await send([turned]))).toEqual(['duplicate']);
    expect(codes(await send([{ ...event, schema_version: 1 }]))).toEqual(['id_conflict']);
  });

  test('only the gateway writes decisions, but for baselines that an application took by itself', async () => {
    const baseline = decision({ mode: 'baseline', probabilities: [0, 1], propensity: 1 });
    const refused = [
      decision(),
      decision({ mode: 'baseline' }),
      decision({ ...baseline.data, policy_version: 'v1' }),
      decision({ ...baseline.data, shadow: [] }),
    ];
    const answer = await send([baseline, ...refused]);
    expect(answer.body.counts.accepted).toBe(1);
    expect(answer.body.results.map(({ code, path }) => [code, path])).toEqual([
      ['not_allowed', '/data/mode'],
      ['not_allowed', '/data/propensity'],
      ['not_allowed', '/data/policy_version'],
      ['not_allowed', '/data/shadow'],
    ]);
    const mine = decision();
    expect((await sendInternal([mine])).body.counts.accepted).toBe(1);
    expect(codes(await sendInternal([decision({ chosen: 2 })]))).toEqual(['schema_invalid']);
    expect(await db.sql('select decision_id = id as own from rlaas.events where id = $1', [mine.id])).toEqual(
      [{ own: true }],
    );
  });

  test('all or none', async () => {
    const [one, two, three] = [outcome(), outcome(), outcome()];
    const invalid = await send([one, outcome({ type: 'shout' })], { mode: 'atomic' });
    expect([invalid.status, invalid.body.counts]).toEqual([
      422,
      { received: 2, accepted: 0, duplicate: 0, rejected: 1, retry: 1 },
    ]);
    await send([two]);
    const conflict = await send([one, { ...two, source: 'other' }, three], { mode: 'atomic' });
    expect(conflict.status).toBe(422);
    expect(codes(conflict)).toEqual(['not_persisted', 'id_conflict', 'not_persisted']);
    expect(await stored([one.id, two.id, three.id])).toEqual([two.id]);
    expect(await letters([two.id])).toMatchObject([{ code: 'id_conflict' }]);
    const whole = await send([one, two, three], { mode: 'atomic' });
    expect([whole.status, whole.body.counts.accepted, whole.body.counts.duplicate]).toEqual([200, 2, 1]);
  });

  test('what Postgres refuses is found among hundreds and rejected alone', async () => {
    await db.sql("alter table rlaas.events add constraint no_poison check (source <> 'poison')");
    try {
      const poison = outcome({ source: 'poison' });
      const events = Array.from({ length: 300 }, () => outcome());
      const batches = [events.slice(0, 100), [...events.slice(100, 200), poison], events.slice(200)];
      const answers = await Promise.all(batches.map((batch) => send(batch)));
      expect(answers.map(({ status }) => status)).toEqual([200, 207, 200]);
      expect(answers[1]?.body.results).toMatchObject([
        { index: 100, id: poison.id, status: 'rejected', code: 'schema_invalid' },
      ]);
      expect(await stored(events.map((event) => event.id))).toHaveLength(300);
      expect(await letters([poison.id])).toMatchObject([{ code: 'schema_invalid' }]);

      const atomic = [outcome(), outcome(), outcome({ source: 'poison' }), outcome()];
      const refused = await send(atomic, { mode: 'atomic' });
      expect(refused.status).toBe(422);
      expect(codes(refused)).toEqual(['not_persisted', 'not_persisted', 'schema_invalid', 'not_persisted']);
      expect(await stored(atomic.map((event) => event.id))).toEqual([]);
      expect(await collector.metric('events_unbalanced')).toBe(0);
    } finally {
      await db.sql('alter table rlaas.events drop constraint no_poison');
    }
  });

  test('a connection cut during COMMIT: to be sent again, and then exact', async () => {
    for (const when of ['before', 'after'] as const) {
      const event = outcome();
      proxy.cutOn('commit\0', when);
      const cut = await send([event, outcome({ type: 'shout' })]);
      // Whether it was stored is not known, so it is not said; neither is "rejected", which would say "kept".
      expect([cut.status, cut.headers.get('retry-after')]).toEqual([503, '1']);
      expect(codes(cut)).toEqual(['not_persisted', 'not_persisted']);
      expect((await send([event])).body.counts).toMatchObject(
        when === 'before' ? { accepted: 1 } : { duplicate: 1 },
      );
      expect(await stored([event.id])).toEqual([event.id]);
    }
  });

  test('with the database away everything is to be sent again, and then is stored', async () => {
    const event = outcome();
    const end = proxy.cutOn('begin', 'before', Number.POSITIVE_INFINITY);
    expect((await send([event])).status).toBe(503);
    end();
    expect((await send([event])).body.counts.accepted).toBe(1);
  });

  test('overlapping batches of many senders at once: nobody waits for a deadlock, each event once', async () => {
    const events = Array.from({ length: 240 }, () => outcome());
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => send([...events.slice(n * 15), ...events.slice(0, n * 15)])),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(answers.reduce((sum, { body }) => sum + body.counts.accepted, 0)).toBe(240);
    expect(await stored(events.map((event) => event.id))).toHaveLength(240);
  });

  test('subjects are stored as a hash under a key of their tenant, which stays', async () => {
    const [one, two] = [outcome({ subject: 'ada@example.org' }), outcome({ subject: 'ada@example.org' })];
    const bad = outcome({ subject: 'ada@example.org', type: 'shout' });
    await send([one]);
    await send([two, bad]);
    const rows = await db.sql<{ subject: Buffer }>('select subject from rlaas.events where id = any ($1)', [
      [one.id, two.id],
    ]);
    expect(rows[0]?.subject).toHaveLength(32);
    expect(rows[0]?.subject).toEqual(rows[1]?.subject);
    const everything = await db.sql<{ text: string }>(
      `select e::text as text from rlaas.events e union all select d::text from rlaas.dead_letters d`,
    );
    expect(everything.some(({ text }) => text.includes('ada@'))).toBe(false);
    // Sent again it is the same event, to a collector that reads the sealed key too.
    const other = await startTestCollector(db.url);
    expect(codes(await other.send([one]))).toEqual(['duplicate']);
    await other.stop();
    const without = await startTestCollector(db.url, { masterKey: undefined });
    const refused = await without.send([outcome({ subject: 'ada@example.org' })]);
    expect(refused.body.results).toMatchObject([{ code: 'schema_invalid', path: '/subject' }]);
    await without.stop();
  });
});
