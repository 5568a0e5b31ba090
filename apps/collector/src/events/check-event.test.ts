import { describe, expect, test } from 'vitest';
import { type CheckContext, checkEvent } from './check-event.ts';
import { derivedId } from './event-id.ts';
import { Unreadable } from './unreadable.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const idAt = (ms: number): string => derivedId(ms, 'x');
const BASE = idAt(NOW - 400 * DAY);

const context: CheckContext = {
  tenantId: 'mine',
  origin: 'key',
  importing: undefined,
  now: NOW,
  oldestIdMs: NOW - 30 * DAY,
  hashSubject: (subject) => Buffer.alloc(32, subject),
};

const outcome = (changes: Record<string, unknown> = {}) => ({
  id: idAt(NOW),
  type: 'outcome',
  occurred_at: '2026-03-01T11:59:00.000Z',
  source: 'shop',
  decision_id: idAt(NOW - HOUR),
  data: { name: 'sent', value: true },
  ...changes,
});
const decision = (data: Record<string, unknown> = {}) =>
  outcome({
    type: 'decision',
    policy: 'draft',
    decision_id: undefined,
    data: {
      context: {},
      actions: [{ id: 'a' }, { id: 'b' }],
      probabilities: [0.25, 0.75],
      chosen: 1,
      propensity: 0.75,
      policy_version: 'v1',
      checkpoint: null,
      mode: 'live',
      ...data,
    },
  });

function refusalOf(given: unknown, changes: Partial<CheckContext> = {}) {
  const checked = checkEvent(given, { ...context, ...changes });
  return checked.ok ? 'taken' : `${checked.rejection.code} ${checked.rejection.path}`;
}

test('the row of an event that is well', () => {
  const checked = checkEvent(outcome({ subject: 'ada' }), context);
  if (!checked.ok) throw new Error(checked.rejection.message);
  expect(checked.row).toMatchObject({
    tenantId: 'mine',
    id: idAt(NOW),
    type: 'outcome',
    schemaVersion: 1,
    occurredAt: NOW - 60_000,
    policy: null,
    decisionId: idAt(NOW - HOUR),
    subject: Buffer.alloc(32, 'ada'),
    data: '{"name":"sent","value":true}',
    importId: null,
  });
  expect(checked.row.fingerprint).toHaveLength(16);
});

test('a decision is its own decision', () => {
  const checked = checkEvent(decision(), { ...context, origin: 'internal' });
  expect(checked).toMatchObject({ ok: true, row: { id: idAt(NOW), decisionId: idAt(NOW), policy: 'draft' } });
});

describe('fingerprints', () => {
  const of = (given: unknown): string => {
    const checked = checkEvent(given, context);
    if (!checked.ok) throw new Error(checked.rejection.message);
    return checked.row.fingerprint;
  };
  test('are over what was sent, the subject by its hash', () => {
    expect(of(outcome())).toBe(of(Object.fromEntries(Object.entries(outcome()).toReversed())));
    expect(of(outcome())).not.toBe(of(outcome({ schema_version: 1 })));
    expect(of(outcome({ subject: 'ada' }))).not.toBe(of(outcome({ subject: 'bob' })));
  });
});

describe('refusals, by code and path', () => {
  test.each<[string, unknown, string]>([
    [
      'a line that is no JSON',
      new Unreadable('{', '/specversion', 'must be "1.0"'),
      'schema_invalid /specversion',
    ],
    ['null', null, 'schema_invalid '],
    ['a list', [outcome()], 'schema_invalid '],
    ['a number', 7, 'schema_invalid '],
    ['no type', outcome({ type: undefined }), 'schema_invalid /type'],
    ['a type of nobody', outcome({ type: 'shout' }), 'unknown_type /type'],
    ['a type that every object has', outcome({ type: 'constructor' }), 'unknown_type /type'],
    ['a type that is a list', outcome({ type: ['outcome'] }), 'unknown_type /type'],
    ['another version', outcome({ schema_version: '1' }), 'unsupported_version /schema_version'],
    ['no id', outcome({ id: undefined }), 'invalid_id /id'],
    ['an id that is a list', outcome({ id: [idAt(NOW)] }), 'invalid_id /id'],
    ['a subject that is no text', outcome({ subject: 7 }), 'schema_invalid /subject'],
    ['an unknown member', outcome({ 'more~/': 1 }), 'schema_invalid /more~0~1'],
    [
      'an unknown member of data',
      outcome({ data: { name: 'sent', value: 1, x: 1 } }),
      'schema_invalid /data/x',
    ],
    ['no data', outcome({ data: undefined }), 'schema_invalid /data'],
    [
      'an infinite number',
      outcome({ data: { name: 'sent', value: Number.POSITIVE_INFINITY } }),
      'schema_invalid /data/value',
    ],
    ['half of a pair', outcome({ source: '\uD800' }), 'schema_invalid /source'],
    [
      'a day that does not exist',
      outcome({ occurred_at: '2026-02-30T00:00:00.000Z' }),
      'schema_invalid /occurred_at',
    ],
  ])('%s', (_name, given, refusal) => {
    expect(refusalOf(given)).toBe(refusal);
  });

  test('without a key of subjects an event with one is refused', () => {
    const none = { hashSubject: () => undefined };
    expect(refusalOf(outcome({ subject: 'ada' }), none)).toBe('schema_invalid /subject');
    expect(refusalOf(outcome(), none)).toBe('taken');
  });

  test('says what the event says of itself, cut short', () => {
    const checked = checkEvent(outcome({ type: 'x'.repeat(100), id: 7 }), context);
    expect(checked).toMatchObject({ ok: false, rejection: { id: null, type: 'x'.repeat(64) } });
  });
});

describe('times', () => {
  test.each<[string, number, string]>([
    ['an hour ahead', NOW + HOUR, 'taken'],
    ['a millisecond more', NOW + HOUR + 1, 'id_in_future /id'],
    ['as old as the oldest partition', NOW - 30 * DAY, 'taken'],
    ['a millisecond older', NOW - 30 * DAY - 1, 'id_too_old /id'],
  ])('an id made %s', (_name, ms, refusal) => {
    expect(refusalOf(outcome({ id: idAt(ms) }))).toBe(refusal);
  });

  test.each<[string, string]>([
    ['1970-01-01T00:00:00.000Z', 'taken'],
    ['2026-03-01T13:00:00.000Z', 'taken'],
    ['2026-03-01T13:00:00.001Z', 'occurred_in_future /occurred_at'],
  ])('what happened %s', (occurred_at, refusal) => {
    expect(refusalOf(outcome({ occurred_at }))).toBe(refusal);
  });

  test('ids of an import have the time of its base, however old', () => {
    const importing = { id: idAt(NOW), idBase: BASE };
    const id = derivedId(NOW - 400 * DAY, 'row 1');
    expect(refusalOf(outcome({ id }), { importing, origin: 'import', oldestIdMs: 0 })).toBe('taken');
    expect(refusalOf(outcome(), { importing, origin: 'import', oldestIdMs: 0 })).toBe('invalid_id /id');
  });
});

describe('rights', () => {
  const baseline = { mode: 'baseline', probabilities: [0, 1], propensity: 1, policy_version: null };
  test.each<[string, CheckContext['origin'], unknown, string]>([
    ['a decision of the gateway', 'internal', decision(), 'taken'],
    ['the same from an application', 'key', decision(), 'not_allowed /data/mode'],
    ['a baseline of an application', 'key', decision(baseline), 'taken'],
    ['a baseline of a page', 'publishable', decision(baseline), 'taken'],
    [
      'without probabilities from the gateway',
      'internal',
      decision({ probabilities: undefined }),
      'schema_invalid /data/probabilities',
    ],
    ['an outcome of a page', 'publishable', outcome(), 'taken'],
    [
      'a reward of a page',
      'publishable',
      outcome({ type: 'reward', data: { value: 1 } }),
      'not_allowed /type',
    ],
    ['a reward of an application', 'key', outcome({ type: 'reward', data: { value: 1 } }), 'taken'],
  ])('%s', (_name, origin, given, refusal) => {
    expect(refusalOf(given, { origin })).toBe(refusal);
  });

  test('an import may leave out probabilities, not the propensity', () => {
    const importing = { id: idAt(NOW), idBase: BASE };
    const imported = { importing, origin: 'import' as const, oldestIdMs: 0 };
    const of = (data: Record<string, unknown>) => ({
      ...decision(data),
      id: derivedId(NOW - 400 * DAY, 'r'),
    });
    expect(refusalOf(of({ probabilities: undefined }), imported)).toBe('taken');
    expect(refusalOf(of({ propensity: undefined }), imported)).toBe('schema_invalid /data/propensity');
  });
});

describe('size', () => {
  const sized = (size: number, letter = 'x') => {
    const of = (text: string) =>
      decision({
        mode: 'baseline',
        probabilities: [0, 1],
        propensity: 1,
        policy_version: null,
        context: { t: text },
      });
    const bare = JSON.stringify({ ...of(''), decision_id: undefined }).length;
    return of(letter.repeat(Math.floor((size - bare) / Buffer.byteLength(letter))));
  };
  test.each<[number, CheckContext['origin'], string]>([
    [256 * 1024, 'key', 'taken'],
    [256 * 1024 + 1, 'key', 'event_too_large '],
    [1024 * 1024, 'internal', 'taken'],
    [1024 * 1024 + 1, 'internal', 'event_too_large '],
  ])('%i from %s', (size, origin, refusal) => {
    expect(refusalOf(sized(size), { origin })).toBe(refusal);
  });
  test('counts bytes, not letters', () => {
    expect(refusalOf(sized(256 * 1024, '猫'))).toBe('taken');
    expect(refusalOf(sized(256 * 1024 + 3, '猫'))).toBe('event_too_large ');
  });
});
