import { createKeyManagement, createKeyStore, newId } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, generateKey } from '@rlaas/service';
import { documentingOptions } from '@rlaas/service/openapi-file';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createDomain } from '../src/domain.ts';
import { TENANT } from './support/event-store.ts';
import { startRewarding } from './support/rewarding.ts';

const POLICY = 'desk';
const SECOND = 1_000;
const { db, database, clock, createWorker, store, specify, settle } = await startRewarding(POLICY);
const definition = {
  range: [-1, 1],
  window: { after: '1h', grace: '5m' },
  default: { value: -0.25, when: 'has(e.shown) && !has(e.sent)' },
  inputs: {
    shown: { event: 'outcome', name: 'shown', aggregate: 'any' },
    sent: { event: 'outcome', name: 'sent', aggregate: 'first', range: [-5, 5] },
    csat: { event: 'feedback', name: 'csat', aggregate: 'last', range: [1, 5] },
  },
  value: '(has(e.sent) ? 0.5 * e.sent : 0.0)\n+ (has(e.csat) ? 0.2 * (e.csat - 3.0) : 0.0)',
};
const worker = createWorker();
const options = documentingOptions();
const now = (): number => clock.now;
const app = await buildApp({
  ...options,
  authenticator: createAuthenticator({
    service: 'reward',
    store: createKeyStore(database),
    staleMaxMs: 0,
    environment: 'local',
    now: Date.now,
    logger: options.logger,
    registry: options.registry,
  }),
  ...createDomain({ database, now, queue: () => undefined }),
});
afterAll(() => app.close());
const stranger = newId(Date.now());
await db.sql(`insert into rlaas.tenants (id, slug, name) values ($1, 'other', 'Other')`, [stranger]);
const keys = createKeyManagement({ database, freshKey: () => generateKey(randomBytes), now: Date.now });
const theirKey = (
  await keys.create(stranger, 'test', {
    name: 'test',
    kind: 'secret',
    scopes: ['admin'],
    allowed_origins: [],
  })
).key;

async function call(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  payload?: object,
  key: string = SEED_API_KEY,
) {
  const response = await app.inject({
    method,
    url: `/v1${url}`,
    headers: { authorization: `Bearer ${key}` },
    ...(payload && { payload }),
  });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}
const outcome = (decision: string, name: string, value: unknown, at = clock.now) => ({
  type: 'outcome',
  at,
  decision,
  data: { name, value },
});
async function decide(...said: [name: string, value: unknown][]): Promise<string> {
  const [id = ''] = await store({ type: 'decision', at: clock.now });
  if (said.length > 0)
    await store(...said.map(([name, value], index) => outcome(id, name, value, clock.now + SECOND + index)));
  return id;
}

await specify(definition);
const sent = await decide(['shown', true], ['sent', 1], ['sent', 0.25], ['snet', true], ['shown', 'x']);
const shown = await decide(['shown', true]);
const nothing = await decide();
const clipped = await decide(['sent', 4]);
await store({ type: 'feedback', at: clock.now + SECOND, decision: sent, data: { name: 'csat', rating: 5 } });
await settle(worker);
clock.now += 66 * 60 * SECOND;
await settle(worker);
await store(outcome(shown, 'sent', true, clock.now - 30 * 60 * SECOND));
const waiting = await decide(['sent', 0.5]);
await settle(worker);

describe('why a reward is what it is', () => {
  test('its parts, and every event with what it did', async () => {
    const { status, body } = await call('GET', `/rewards/${sent}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      decision_id: sent,
      policy: POLICY,
      spec_version: 1,
      status: 'final',
      value: 0.9,
      range: [-1, 1],
      terms: [
        { text: '(has(e.sent) ? 0.5 * e.sent : 0.0)', value: 0.5 },
        { text: '+ (has(e.csat) ? 0.2 * (e.csat - 3.0) : 0.0)', value: 0.4 },
      ],
      inputs: [
        { name: 'csat', value: 5, from: 'events', reads: 'the last feedback "csat" of the decision' },
        { name: 'sent', value: 1, from: 'events', reads: 'the first outcome "sent" of the decision' },
        { name: 'shown', value: true, from: 'events', reads: 'whether any outcome "shown" of the decision' },
      ],
      other_versions: [],
    });
    expect(body['summary']).toEqual([
      'The reward is 0.9, made of events by version 1 of the reward specification of desk.',
      '(has(e.sent) ? 0.5 * e.sent : 0.0) = 0.5; + (has(e.csat) ? 0.2 * (e.csat - 3.0) : 0.0) = 0.4; together 0.9.',
      '3 events counted, 3 did not; `events` says why.',
    ]);
    const events = body['events'] as {
      name: string;
      counted_in: string[];
      ignored: string | null;
      why: string;
    }[];
    expect(
      events.map(({ name, counted_in: counted, ignored, why }) => [name, counted, ignored, why]),
    ).toEqual(
      expect.arrayContaining([
        ['shown', ['shown'], null, 'It counted as e.shown.'],
        ['sent', ['sent'], null, 'It counted as e.sent.'],
        ['sent', [], 'not_first', 'An earlier event counted: its input takes the first one.'],
        ['snet', [], 'unused', 'No input of the specification reads such events.'],
        ['shown', [], 'wrong_type', 'Its value is not of the type that the input reads.'],
        ['csat', ['csat'], null, 'It counted as e.csat.'],
      ]),
    );
  });

  test('a default, with its condition and what came too late', async () => {
    const { body } = await call('GET', `/rewards/${shown}`);
    expect(body).toMatchObject({ status: 'defaulted', value: -0.25, terms: [] });
    expect(body['summary']).toEqual([
      'The reward is -0.25, the declared default, by version 1 of the reward specification of desk.',
      'The default applies, since this is true: has(e.shown) && !has(e.sent)',
      '1 event counted, 0 did not; `events` says why.',
    ]);
    expect((body['events'] as object[])[1]).toMatchObject({
      ignored: 'late',
      why: expect.stringMatching(/^It was received .*, after the reward had closed \(.*\)\.$/),
    });
  });

  test('none, one that was clipped, and one that waits', async () => {
    expect((await call('GET', `/rewards/${nothing}`)).body).toMatchObject({
      status: 'inactive',
      reason: 'no_events',
      value: null,
      summary: [
        'There is no reward by version 1 of the reward specification of desk, and nothing is learned from the decision.',
        'No event counted, and the default does not apply.',
        '0 events counted, 0 did not; `events` says why.',
      ],
    });
    expect((await call('GET', `/rewards/${clipped}`)).body['summary']).toContain(
      '2 is outside the range from -1 to 1, so it was clipped.',
    );
    const { body } = await call('GET', `/rewards/${waiting}`);
    expect(body).toMatchObject({ status: 'pending', value: null, terms: [{ value: 0.25 }, { value: 0 }] });
    expect((body['summary'] as string[]).slice(0, 2)).toEqual([
      `The reward waits for events until ${new Date(clock.now + 65 * 60 * SECOND).toISOString()}; every decision waits the same time.`,
      'By what is known now it would be 0.25.',
    ]);
  });

  test('one that is not there, or of another tenant, is not found', async () => {
    for (const [id, key] of [
      [newId(clock.now), SEED_API_KEY],
      [sent, theirKey],
    ] as const) {
      expect(await call('GET', `/rewards/${id}`, undefined, key)).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('This decision has no reward') },
      });
    }
  });
});

test('rewards are listed page by page, by policy, status and time', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await call(
      'GET',
      `/rewards?policy=${POLICY}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    const page = body as unknown as { items: { decision_id: string }[]; next_cursor: string | null };
    seen.push(...page.items.map(({ decision_id: id }) => id));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual([sent, shown, nothing, clipped, waiting].toSorted().toReversed());
  const idsOf = async (query: string) =>
    ((await call('GET', `/rewards?${query}`)).body['items'] as { decision_id: string }[]).map(
      ({ decision_id: id }) => id,
    );
  expect(await idsOf('status=defaulted')).toEqual([shown]);
  expect(await idsOf('status=error')).toEqual([]);
  expect(await idsOf(`from=${new Date(clock.now).toISOString()}`)).toEqual([waiting]);
  expect(await idsOf('policy=another')).toEqual([]);
  expect((await call('GET', '/rewards', undefined, theirKey)).body['items']).toEqual([]);
  expect(await call('GET', '/rewards?cursor=MTpub25l')).toMatchObject({
    status: 400,
    body: { path: '/query/cursor' },
  });
});

describe('a definition that is not saved', () => {
  test('is validated with all that is wrong, by place', async () => {
    const validate = async (over: object) =>
      (await call('POST', '/reward-specs/validate', { definition: { ...definition, ...over } })).body;
    expect(await validate({})).toMatchObject({
      valid: true,
      mistakes: [],
      warnings: [{ code: 'may_be_clipped' }, { code: 'may_be_clipped' }],
    });
    expect(await validate({ value: 'e.sent +\n  e.snet' })).toMatchObject({
      valid: false,
      mistakes: [
        {
          code: 'unknown_field',
          path: '/value',
          line: 2,
          column: 3,
          message: expect.stringContaining('e.sent?'),
        },
      ],
    });
    expect(await validate({ value: 'has(e.sent) ? 1.0 / e.sent : 0.0' })).toMatchObject({
      valid: true,
      warnings: [{ code: 'division_by_possible_zero', path: '/value', line: 1, column: 21 }, {}],
    });
    expect(await validate({ range: [1, 0], foo: 1 })).toMatchObject({
      valid: false,
      mistakes: [
        { path: '/range' },
        { path: '/foo', message: 'is not known here' },
        { path: '/default/value' },
      ],
    });
    const slip = { ...definition.inputs, sent: { ...definition.inputs.sent, name: 'snt' } };
    expect(await validate({ inputs: slip })).toMatchObject({
      valid: true,
      warnings: [
        {},
        {},
        {
          code: 'name_not_seen',
          path: '/inputs/sent/name',
          message: expect.stringContaining('did you mean'),
        },
      ],
    });
    expect(await validate({ graders: { judge: { kind: 'model', model: 'x' } } })).toMatchObject({
      valid: false,
      mistakes: [{ code: 'grader_unavailable', path: '/graders/judge/kind' }],
    });
  });

  test('is refused when it is saved, with code, line and column', async () => {
    expect(
      await call('PUT', `/reward-specs/${POLICY}`, { definition: { ...definition, value: 'e.sent +\n 1' } }),
    ).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        path: '/definition/value',
        errors: [{ code: 'type_error', line: 2, column: 2 }],
      },
    });
    expect(
      await call('PUT', `/reward-specs/${POLICY}`, {
        definition: { ...definition, graders: { judge: { kind: 'text_similarity' } } },
      }),
    ).toMatchObject({ status: 422, body: { code: 'grader_unavailable' } });
  });

  test('is tried on the last decisions, beside the newest version', async () => {
    const before = await db.sql('select * from rlaas.rewards order by decision_id');
    const { status, body } = await call('POST', '/reward-specs/preview', {
      policy: POLICY,
      definition: { ...definition, default: { value: 0.5 }, range: [-1, 3] },
      examples: 2,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      statistics: {
        decisions: 5,
        statuses: { final: 3, defaulted: 1, pending: 1, inactive: 0, error: 0 },
        clipped: 0,
        least: 0,
        largest: 2,
      },
      current: {
        version: 1,
        comparison: {
          from: { statuses: { final: 2, defaulted: 1, inactive: 1, pending: 1 } },
          transitions: { 'defaulted → final': 1, 'inactive → defaulted': 1 },
          changed: 3,
        },
      },
      examples: [{ decision_id: waiting, status: 'pending', value: 0.25 }, {}],
    });
    expect(await db.sql('select * from rlaas.rewards order by decision_id')).toEqual(before);
  });
});

test('two versions are compared on the same decisions', async () => {
  await specify({ ...definition, value: '0.25' }, 2, new Date(clock.now));
  const { status, body } = await call('GET', `/reward-specs/${POLICY}/difference?from=1&to=2`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    policy: POLICY,
    versions: { from: 1, to: 2 },
    definition: [{ path: '/value', before: definition.value, after: '0.25' }],
    comparison: {
      changed: 2,
      largest_changes: [
        { from: 1, to: 0.25 },
        { from: 0.9, to: 0.25 },
      ],
    },
  });
  expect(await call('GET', `/reward-specs/${POLICY}/difference?from=1&to=9`)).toMatchObject({
    status: 404,
    body: { detail: 'The reward specification of "desk" has no version 9.' },
  });
  expect(
    await call('GET', `/reward-specs/${POLICY}/difference?from=1&to=2`, undefined, theirKey),
  ).toMatchObject({
    status: 404,
  });
  expect((await call('GET', `/reward-specs/${POLICY}?version=1`)).body).toMatchObject({ version: 1 });
  const versions = (await call('GET', `/reward-specs?policy=${POLICY}`)).body['items'] as {
    version: number;
  }[];
  expect(versions.map(({ version }) => version)).toEqual([2, 1]);
  const all = (await call('GET', '/reward-specs')).body['items'] as { policy: string; version: number }[];
  expect(all.map(({ policy, version }) => [policy, version])).toEqual([[POLICY, 2]]);
  expect(TENANT).not.toBe(stranger);
});
