import { hash } from 'node:crypto';
import { type Event, eventSchema } from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSql } from '../src/files.ts';
import { newId } from '../src/ids.ts';
import { seed, withOwner } from '../src/migrate.ts';

const TENANT = '0190a000-0000-7000-8000-000000000001';
const WEEK_MS = 7 * 86_400_000;

interface Row {
  id: string;
  type: string;
  schema_version: number;
  occurred_at: Date;
  received_at: Date;
  policy: string;
  decision_id: string;
  source: string;
  data: unknown;
  fingerprint: string;
  batch_id: string;
  ordinal: number;
}

const db = await createTestDatabase();
const raced = await createTestDatabase();
const used = await createTestDatabase();
const moved = await createTestDatabase();

const readRows = () => db.sql<Row>('select * from rlaas.events order by batch_id, ordinal');
/** Everything that a seed may touch, as one value. */
const everything = () =>
  Promise.all(
    [
      'tenants',
      'api_keys',
      'policies',
      'policy_versions',
      'reward_specs',
      'events',
      'ingest_batches',
      'batch_deliveries',
    ].map((table) => db.sql(`select to_jsonb(t) as row from rlaas.${table} t order by 1`)),
  );

/** What the sender wrote, as far as the columns tell it. */
function eventOf(row: Row): Event {
  return eventSchema.parse({
    id: row.id,
    type: row.type,
    schema_version: row.schema_version,
    occurred_at: row.occurred_at.toISOString(),
    policy: row.policy,
    ...(row.type !== 'decision' && { decision_id: row.decision_id }),
    source: row.source,
    data: row.data,
  });
}

/** RFC 8785 of what consists of objects, lists, ASCII texts and numbers. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

describe('the events of the seed', () => {
  let rows: Row[] = [];
  let [before, after] = [0, 0];

  beforeAll(async () => {
    // A consumer that came beside the one of the migrations.
    await db.sql("insert into rlaas.consumers (name) values ('another')");
    before = Date.now();
    await seed({ ownerUrl: db.ownerUrl });
    after = Date.now();
    rows = await readRows();
  });

  test('are events as a sender writes them, under the fingerprint that the collector gives them', () => {
    for (const row of rows) {
      const half = hash('sha256', canonical(eventOf(row))).slice(0, 32);
      expect(row.fingerprint.replaceAll('-', ''), row.id).toBe(half);
    }
  });

  test('are of the last seven days, and their ids are of the same millisecond', () => {
    for (const row of rows) {
      const at = row.occurred_at.getTime();
      expect(timeOf(row.id), row.id).toBe(at);
      expect(at).toBeGreaterThan(before - WEEK_MS - 1);
      expect(at).toBeLessThanOrEqual(after);
      expect(row.received_at.getTime()).toBeGreaterThanOrEqual(at);
      expect(row.received_at.getTime()).toBeLessThanOrEqual(after);
    }
    const span =
      Math.max(...rows.map((row) => timeOf(row.id))) - Math.min(...rows.map((row) => timeOf(row.id)));
    expect(span).toBeGreaterThan(5 * 86_400_000);
  });

  test('are 400 decisions of the explored baseline, and what became of them', () => {
    const decisions = rows.filter((row) => row.type === 'decision');
    expect(decisions).toHaveLength(400);
    const chosen = [0, 0, 0, 0];
    for (const row of decisions) {
      const event = eventOf(row);
      if (event.type !== 'decision') throw new Error('a decision is none');
      chosen[event.data.chosen] = (chosen[event.data.chosen] ?? 0) + 1;
      expect(event).toMatchObject({
        source: 'gateway',
        policy: 'support-draft',
        data: {
          actions: [
            {
              id: 'template',
              features: { sentences: 4, tone: 'neutral', personal: false, asks_back: false },
            },
            { id: 'concise', features: { sentences: 3, tone: 'neutral', personal: true, asks_back: false } },
            { id: 'empathetic', features: { sentences: 6, tone: 'warm', personal: true, asks_back: false } },
            {
              id: 'step-by-step',
              features: { sentences: 8, tone: 'neutral', personal: true, asks_back: true },
            },
          ],
          // Written by the formula of the gateway, to the last bit.
          probabilities: [1 - 0.1, 0.1 / 3, 0.1 / 3, 0.1 / 3],
          propensity: event.data.chosen === 0 ? 1 - 0.1 : 0.1 / 3,
          mode: 'shadow_only',
          policy_version: null,
          checkpoint: null,
        },
      });
    }
    expect(chosen).toEqual([360, 15, 10, 15]);

    const made = new Map(decisions.map((row) => [row.id, row.occurred_at]));
    const others = rows.filter((row) => row.type !== 'decision');
    for (const row of others) {
      const decidedAt = made.get(row.decision_id);
      expect(decidedAt, row.id).toBeDefined();
      expect(row.occurred_at.getTime()).toBeGreaterThan(decidedAt?.getTime() ?? Number.NaN);
    }
    const names = others.map((row) => `${row.type} ${(row.data as { name?: string }).name ?? ''}`.trim());
    expect(new Set(names)).toEqual(
      new Set(['outcome shown', 'outcome sent', 'outcome reopened', 'feedback csat', 'demonstration']),
    );
  });

  test('stand in batches of 50, which every consumer is given', async () => {
    const batches = await db.sql<{ id: string; rows: number; tenants: string[]; received_at: Date }>(
      'select id, rows, tenants, received_at from rlaas.ingest_batches order by id',
    );
    expect(batches.slice(0, -1).every((batch) => batch.rows === 50)).toBe(true);
    const byBatch = Map.groupBy(rows, (row) => row.batch_id);
    expect([...byBatch.keys()]).toEqual(batches.map((batch) => batch.id));
    for (const { id, rows: count, tenants, received_at } of batches) {
      const own = byBatch.get(id) ?? [];
      expect(own.map((row) => row.ordinal)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      expect(own.map((row) => row.id)).toEqual(own.map((row) => row.id).toSorted());
      expect(new Set(own.map((row) => row.received_at.getTime()))).toEqual(new Set([received_at.getTime()]));
      expect(tenants).toEqual([TENANT]);
    }
    const deliveries = await db.sql(
      'select consumer, batch_id, tenant_id from rlaas.batch_deliveries order by consumer, batch_id',
    );
    expect(deliveries).toEqual(
      ['another', 'reward'].flatMap((consumer) =>
        batches.map(({ id }) => ({ consumer, batch_id: id, tenant_id: TENANT })),
      ),
    );
  });

  test('do not come again', async () => {
    const first = await everything();
    await seed({ ownerUrl: db.ownerUrl });
    expect(await everything()).toEqual(first);
  });
});

test('two seeds at once put the events in once', async () => {
  await Promise.all([seed({ ownerUrl: raced.ownerUrl }), seed({ ownerUrl: raced.ownerUrl })]);
  expect(await raced.sql("select count(*)::int as n from rlaas.events where type = 'decision'")).toEqual([
    { n: 400 },
  ]);
});

test('a tenant with an event of its own gets none', async () => {
  const id = newId(Date.now());
  await used.sql('insert into rlaas.ingest_batches (received_at, rows) values (now(), 1)');
  await used.sql(
    `insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, source, data, fingerprint,
                               batch_id, ordinal)
     values ($1, $2, 'outcome', 1, now(), now(), 'test', '{}', $2, 1, 1)`,
    [TENANT, id],
  );
  await seed({ ownerUrl: used.ownerUrl });
  expect(await used.sql('select id from rlaas.events')).toEqual([{ id }]);
  expect(await used.sql('select name from rlaas.policies')).toEqual([{ name: 'support-draft' }]);
  expect(await used.sql('select count(*)::int as n from rlaas.ingest_batches')).toEqual([{ n: 1 }]);
});

test('at any time of the week there are 400 decisions, none of them ahead', async () => {
  const text = await readSql('seed.sql');
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  for (const hours of [0, 8, 13.5, 18, 24, 37.25, 60, 84, 110, 135, 160]) {
    const now = new Date(midnight - hours * 3_600_000).toISOString();
    await withOwner(moved.ownerUrl, (client) =>
      client.query(text.replaceAll('now()', `timestamptz '${now}'`)),
    );
    const found = await moved.sql(
      `select count(*) filter (where type = 'decision')::int as decisions,
              bool_and(occurred_at <= $1 and received_at <= $1 and occurred_at > $1::timestamptz - interval '7 days') as within
       from rlaas.events`,
      [now],
    );
    expect(found, now).toEqual([{ decisions: 400, within: true }]);
    await moved.sql('truncate rlaas.events, rlaas.ingest_batches cascade');
  }
});
