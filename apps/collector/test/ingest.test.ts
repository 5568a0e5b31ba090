import { createDatabase, newId } from '@rlaas/database';
import { createTestDatabase, startProxy } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createIngest } from '../src/ingest/ingest.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const db = await createTestDatabase({ seeded: true });
const target = new URL(db.url);
const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
const proxied = new URL(db.url);
proxied.host = `127.0.0.1:${proxy.port}`;
const database = createDatabase({
  url: proxied.toString(),
  poolMax: 8,
  applicationName: 'ingest',
  onIdleError: () => undefined,
  pause: async () => undefined,
});
let lost = 0;
const ingest = createIngest({ database, now: Date.now, onLost: () => (lost += 1) });
afterAll(async () => {
  await database.close();
  await proxy.close();
});

const outcome = (id = newId(Date.now()), value: unknown = true) => ({
  id,
  type: 'outcome',
  occurred_at: '2026-03-01T00:00:00.000Z',
  source: 'test',
  decision_id: '019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d',
  data: { name: 'right', value },
});
const statuses = async (events: unknown[], trusted = false) =>
  (await ingest({ tenantId: TENANT, events, trusted })).results.map((result) => result.code ?? result.status);
const stored = async (ids: string[]) =>
  (await db.sql<{ id: string }>('select id from rlaas.events where id = any ($1) order by id', [ids])).map(
    (row) => row.id,
  );

describe('ingest', () => {
  test('any split, order and repetition of events stores each once, with one delivery per batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (size, requests) => {
          const events = Array.from({ length: size }, () => outcome());
          const answers = await Promise.all(
            requests.map((picks) => statuses(picks.map((pick) => events[pick % size]))),
          );
          const sent = [...new Set(requests.flat().map((pick) => events[pick % size]?.id ?? ''))].toSorted();
          expect(await stored(events.map((event) => event.id))).toEqual(sent);
          // Acknowledged as new exactly once each, all else as duplicates.
          expect(answers.flat().filter((status) => status === 'accepted')).toHaveLength(sent.length);
          expect(answers.flat().every((status) => status === 'accepted' || status === 'duplicate')).toBe(
            true,
          );
        },
      ),
      { numRuns: 40 },
    );
    const [counts] = await db.sql<{ orphans: number }>(
      `select count(*)::int as orphans from rlaas.events e
       where not exists (select from rlaas.batch_deliveries d where d.batch_id = e.batch_id and d.tenant_id = e.tenant_id)`,
    );
    expect(counts).toEqual({ orphans: 0 });
  });

  test('a bad event is named by place and code, and the others are stored', async () => {
    const good = outcome();
    const { results } = await ingest({
      tenantId: TENANT,
      trusted: false,
      events: [
        good,
        { ...outcome(), data: { name: 'right' } },
        { ...outcome(), type: 'shout' },
        { ...outcome(), schema_version: 2 },
        { ...outcome(), occurred_at: '2999-01-01T00:00:00.000Z' },
        outcome(undefined, 'a\u0000b'),
        outcome(undefined, '\uD800'),
        'nonsense',
      ],
    });
    expect(results.map(({ status, code, path }) => [status, code, path])).toEqual([
      ['accepted', undefined, undefined],
      ['rejected', 'schema_invalid', '/data/value'],
      ['rejected', 'unknown_type', '/type'],
      ['rejected', 'unsupported_version', '/schema_version'],
      ['rejected', 'occurred_in_future', '/occurred_at'],
      ['rejected', 'schema_invalid', ''],
      ['rejected', 'schema_invalid', ''],
      ['rejected', 'schema_invalid', ''],
    ]);
    expect(await stored([good.id])).toEqual([good.id]);
  });

  test('the same id with another content is a conflict, also within one batch, and the first stays', async () => {
    const id = newId(Date.now());
    expect(await statuses([outcome(id, 1), outcome(id, 2), outcome(id, 1)])).toEqual([
      'accepted',
      'id_conflict',
      'duplicate',
    ]);
    expect(await statuses([outcome(id, 3)])).toEqual(['id_conflict']);
    expect(await db.sql("select data ->> 'value' as value from rlaas.events where id = $1", [id])).toEqual([
      { value: '1' },
    ]);
  });

  test('only the gateway writes decisions', async () => {
    const decision = {
      id: newId(Date.now()),
      type: 'decision',
      occurred_at: '2026-03-01T00:00:00.000Z',
      source: 'gateway',
      policy: 'support-draft',
      data: {
        context: {},
        actions: [{ id: 'a' }, { id: 'b' }],
        probabilities: [0.5, 0.5],
        chosen: 1,
        propensity: 0.5,
        policy_version: null,
        checkpoint: null,
        mode: 'live',
      },
    };
    expect(await statuses([decision])).toEqual(['not_allowed']);
    expect(await statuses([{ ...decision, data: { ...decision.data, chosen: 2 } }], true)).toEqual([
      'schema_invalid',
    ]);
    expect(await statuses([decision], true)).toEqual(['accepted']);
  });

  test('a connection cut during COMMIT loses nothing and doubles nothing', async () => {
    for (const when of ['before', 'after'] as const) {
      const event = outcome();
      proxy.cutOn('commit', when);
      expect(await statuses([event])).toEqual([when === 'before' ? 'accepted' : 'duplicate']);
      expect(await stored([event.id])).toEqual([event.id]);
    }
  });

  test('with the database away everything is to be sent again, and then is stored', async () => {
    const event = outcome();
    const end = proxy.cutOn('begin', 'before', Number.POSITIVE_INFINITY);
    expect(await statuses([event])).toEqual(['not_persisted']);
    expect(lost).toBe(1);
    end();
    expect(await statuses([event])).toEqual(['accepted']);
  });
});
