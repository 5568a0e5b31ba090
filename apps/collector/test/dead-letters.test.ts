import { newId } from '@rlaas/database';
import type { DeadLetter, Import, ReplayAnswer } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { decision, outcome, startTestCollector } from './support/test-collector.ts';

const db = await createTestDatabase({ seeded: true });
const collector = await startTestCollector(db.url);
afterAll(() => collector.stop());
const { ask, send } = collector;

const list = async (query = '') =>
  (await ask(`/v1/dead-letters${query}`)).body as unknown as {
    items: DeadLetter[];
    next_cursor: string | null;
  };
const replay = async (body: object) =>
  (await ask('/v1/dead-letters/replays', { body })).body as unknown as ReplayAnswer;
const begin = async (digest: string) =>
  (await ask('/v1/imports', { body: { source: 'history.csv', digest: digest.repeat(64) } }))
    .body as unknown as Import;
/** The id of a row of an import: the time of its base, and something of the row. */
const idIn = (base: string, row: number) => `${base.slice(0, 18)}-8000-${String(row).padStart(12, '0')}`;

describe('dead letters', () => {
  test('are listed with what was sent and why it was refused; the same again only raises its counter', async () => {
    const bad = outcome({ data: { name: 'right', value: null } });
    await send([bad]);
    await send([bad]);
    const [letter] = (await list('?limit=1')).items;
    expect(letter).toMatchObject({
      event_id: bad.id,
      type: 'outcome',
      code: 'schema_invalid',
      path: '/data/value',
      origin: 'key',
      times: 2,
      event: bad,
      truncated: false,
      replayed_at: null,
    });
  });

  test('are found by code, type and time, page by page', async () => {
    for (let n = 0; n < 5; n += 1) await send([outcome({ type: 'shout' }), outcome({ more: true })]);
    const first = await list('?code=unknown_type&limit=3');
    const rest = await list(`?code=unknown_type&limit=3&cursor=${first.next_cursor ?? ''}`);
    expect([...first.items, ...rest.items].map((letter) => letter.code)).toEqual(
      Array.from({ length: 5 }, () => 'unknown_type'),
    );
    expect(rest.next_cursor).toBeNull();
    expect((await list('?type=outcome&code=unknown_type')).items).toEqual([]);
    expect((await list('?from=2999-01-01T00:00:00.000Z')).items).toEqual([]);
    expect((await ask('/v1/dead-letters?cursor=MTp4')).body).toMatchObject({ code: 'invalid_request' });
  });

  test('are taken up again once what was wrong is mended, and never twice', async () => {
    await db.sql("alter table rlaas.events add constraint no_poison check (source <> 'poison')");
    const events = [
      outcome({ source: 'poison', schema_version: 1 }),
      outcome({ source: 'poison', subject: 'Ada' }),
      // Without data, which is not the same as with empty data.
      outcome({ source: 'poison', type: 'activation', data: undefined }),
    ];
    await send(events);
    await db.sql('alter table rlaas.events drop constraint no_poison');
    const from = new Date(Date.now() - 60_000).toISOString();
    const ids = (await list()).items
      .filter((one) => events.some((event) => event.id === one.event_id))
      .map((one) => one.id);
    const dry = await replay({ ids, dry_run: true });
    expect(dry).toMatchObject({ dry_run: true, counts: { received: 3, accepted: 3 }, remaining: 0 });
    expect((await ask(`/v1/events/${events[0]?.id}`)).body['status']).toBe('rejected');
    const done = await replay({ ids, from });
    expect(done.counts).toEqual({ received: 3, accepted: 3, duplicate: 0, rejected: 0, retry: 0 });
    expect((await ask(`/v1/events/${events[0]?.id}`)).body).toMatchObject({
      status: 'accepted',
      event: { source: 'poison', data: { name: 'right', value: true } },
    });
    expect((await replay({ ids })).counts.received).toBe(0);
    // It is the event that was sent: its sender's own repetition is no conflict.
    expect((await send(events)).body.counts.duplicate).toBe(3);
    expect((await list('?replayed=true')).items.map((letter) => letter.id).toSorted()).toEqual(
      ids.toSorted(),
    );
    const audit = await db.sql("select from rlaas.audit_log where action = 'dead_letters.replay'");
    expect(audit).toHaveLength(2);
  });

  test('a replay makes nothing allowed that was not', async () => {
    const forged = decision({ propensity: 0.5 });
    await send([forged]);
    const [letter] = (await list('?code=not_allowed')).items;
    const again = await replay({ ids: [letter?.id] });
    expect(again.results).toMatchObject([{ status: 'rejected', code: 'not_allowed', event_id: forged.id }]);
  });

  test('one that cannot be read is left alone, unless it is named: then it says so', async () => {
    await ask('/v1/events', { body: '{"broken', headers: { 'content-type': 'application/x-ndjson' } });
    const [letter] = (await list('?limit=1')).items;
    expect(letter).toMatchObject({ event: '{"broken', code: 'schema_invalid' });
    const named = await replay({ ids: [letter?.id] });
    expect(named.results).toMatchObject([{ dead_letter_id: letter?.id, status: 'rejected' }]);
    const all = await replay({ limit: 1_000, dry_run: true });
    expect(all.results.some((result) => result.dead_letter_id === letter?.id)).toBe(false);
  });

  test('those that fail again go to the end of the line, so that a replay gets through all of them', async () => {
    for (let n = 0; n < 4; n += 1) await send([outcome({ type: 'mumble' })]);
    const seen = new Set<string>();
    for (let n = 0; n < 4; n += 1) {
      const { results } = await replay({ code: 'unknown_type', from: '2026-01-01T00:00:00.000Z', limit: 3 });
      for (const result of results) seen.add(result.dead_letter_id);
    }
    const all = (await list('?code=unknown_type&limit=500')).items.map((letter) => letter.id);
    expect([...seen].toSorted()).toEqual(all.toSorted());
  });
});

describe('imports', () => {
  test('the same digest is the same import; its events are stored once, however often it is repeated', async () => {
    const first = await begin('a');
    expect(await begin('a')).toEqual(first);
    const events = Array.from({ length: 10 }, (_, row) =>
      outcome({ id: idIn(first.id_base, row), occurred_at: '2019-05-01T00:00:00.000Z' }),
    );
    const sent = await send(events, { import_id: first.import_id });
    expect(sent.body.counts.accepted).toBe(10);
    expect((await send(events, { import_id: first.import_id })).body.counts.duplicate).toBe(10);
    const now = await ask(`/v1/imports/${first.import_id}`);
    expect(now.body).toMatchObject({ status: 'open', events: 10 });
    const [row] = await db.sql('select import_id, occurred_at from rlaas.events where id = $1', [
      events[0]?.id,
    ]);
    expect(row).toEqual({ import_id: first.import_id, occurred_at: new Date('2019-05-01T00:00:00.000Z') });
  });

  test('past decisions enter with their propensity, without probabilities where these are not known', async () => {
    const { import_id, id_base } = await begin('b');
    const past = (row: number, data: object) => ({
      ...decision({ probabilities: undefined, ...data }, { id: idIn(id_base, row) }),
    });
    const answer = await send([past(1, {}), past(2, { propensity: undefined }), decision()], { import_id });
    expect(answer.body.counts).toMatchObject({ accepted: 1, rejected: 2 });
    expect(answer.body.results.map(({ code, path }) => [code, path])).toEqual([
      ['schema_invalid', '/data/propensity'],
      ['invalid_id', '/id'],
    ]);
  });

  test('a complete one takes no more, and completing it again changes nothing', async () => {
    const { import_id, id_base } = await begin('c');
    const done = await ask(`/v1/imports/${import_id}/complete`, { method: 'POST' });
    expect(done.body).toMatchObject({ status: 'complete' });
    expect((await ask(`/v1/imports/${import_id}/complete`, { method: 'POST' })).body).toEqual(done.body);
    const refused = await send([outcome({ id: idIn(id_base, 1) })], { import_id });
    expect([refused.status, refused.body['code']]).toEqual([409, 'conflict']);
    expect((await send([outcome()], { import_id: newId(Date.now()) })).status).toBe(404);
  });
});

describe('receipts', () => {
  test('the list is the newest first, by policy, type, decision and episode, page by page', async () => {
    const decisionId = newId(Date.now());
    const events = Array.from({ length: 7 }, (_, n) =>
      outcome({ decision_id: decisionId, policy: n % 2 === 0 ? 'even' : 'odd', episode_id: 'ticket-1' }),
    );
    await send(events);
    const page = async (query: string) =>
      (await ask(`/v1/events?${query}`)).body as unknown as {
        items: { id: string }[];
        next_cursor: string | null;
      };
    const first = await page(`decision_id=${decisionId}&limit=4`);
    const second = await page(`decision_id=${decisionId}&limit=4&cursor=${first.next_cursor ?? ''}`);
    expect([...first.items, ...second.items].map((event) => event.id)).toEqual(
      events
        .map((event) => event.id)
        .toSorted()
        .toReversed(),
    );
    expect(second.next_cursor).toBeNull();
    expect((await page(`policy=odd&episode_id=ticket-1`)).items).toHaveLength(3);
    expect((await page(`decision_id=${decisionId}&type=feedback`)).items).toEqual([]);
    expect((await ask(`/v1/events/${newId(Date.now())}`)).status).toBe(404);
    expect((await ask('/v1/events/nonsense')).status).toBe(404);
  });
});

test('schemas are served with an ETag, and not again while they are the same', async () => {
  const { body } = await ask('/v1/schemas', { key: '' });
  const items = body['items'] as { url: string }[];
  expect(items).toHaveLength(9);
  for (const { url } of items) {
    const schema = await ask(url, { key: '' });
    expect(schema.body['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const etag = schema.headers.get('etag') ?? '';
    expect((await ask(url, { key: '', headers: { 'if-none-match': `"other", W/${etag}` } })).status).toBe(
      304,
    );
  }
  expect((await ask('/v1/schemas/outcome/2', { key: '' })).status).toBe(404);
});

test('what clients lost is counted', async () => {
  const report = { sdk: { name: 'test', version: '1' }, drops: [{ reason: 'queue_overflow', count: 7 }] };
  expect((await ask('/v1/client-reports', { body: report })).status).toBe(204);
  expect(await collector.metric('client_dropped_events_total')).toBe(7);
});
