import { describe, expect, test } from 'vitest';
import { isEventId, timeOf } from '../events/event-id.ts';
import { Unreadable } from '../events/unreadable.ts';
import { eventOf } from './cloud-event.ts';

const cloudEvent = (changes: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: '1',
  source: '/shop',
  type: 'rlaas.outcome',
  time: '2026-03-01T09:30:00.000Z',
  data: { name: 'sent', value: true },
  ...changes,
});
const taken = (changes: Record<string, unknown> = {}): Record<string, unknown> => {
  const event = eventOf(cloudEvent(changes));
  if (event instanceof Unreadable) throw new Error(`${event.path} ${event.message}`);
  return event as Record<string, unknown>;
};
const refused = (given: unknown): Unreadable => {
  const event = eventOf(given);
  if (!(event instanceof Unreadable)) throw new Error('it was taken');
  return event;
};

test('all of it', () => {
  const event = taken({
    datacontenttype: 'application/json',
    subject: 'ada',
    policy: 'draft',
    externalid: 'x',
    episodeid: 'e',
    dataschema: 'https://example.org/s',
    traceparent: '00-…',
  });
  expect(event).toEqual({
    id: event['id'],
    type: 'outcome',
    occurred_at: '2026-03-01T09:30:00.000Z',
    source: '/shop',
    subject: 'ada',
    policy: 'draft',
    external_id: 'x',
    episode_id: 'e',
    data: { name: 'sent', value: true },
  });
  expect(isEventId(event['id'])).toBe(true);
  expect(timeOf(event['id'] as string)).toBe(Date.parse('2026-03-01T09:30:00.000Z'));
  expect(taken({ decisionid: 'd' })['decision_id']).toBe('d');
});

test('the id is that of source and id, which are not mixed up', () => {
  const id = (changes: Record<string, unknown>) => taken(changes)['id'];
  expect(id({})).toBe(id({ data: 1 }));
  expect(id({ source: 'ab', id: 'c' })).not.toBe(id({ source: 'a', id: 'bc' }));
  expect(id({ id: '2' })).not.toBe(id({}));
  expect(id({ time: '2026-03-01T09:30:00.001Z' })).not.toBe(id({}));
  // Another way of writing the same time.
  expect(id({ time: '2026-03-01T10:30:00+01:00' })).toBe(id({}));
});

test.each([
  ['rlaas.outcome', 'outcome'],
  ['com.example-2.rlaas.outcome', 'outcome'],
  ['outcome', 'outcome'],
  ['com.example.outcome', 'com.example.outcome'],
  ['xrlaas.outcome', 'xrlaas.outcome'],
])('type %s is %s', (type, ours) => {
  expect(taken({ type })['type']).toBe(ours);
});

test.each([
  ['application/json', true],
  ['application/json; charset=utf-8', true],
  ['application/vnd.shop+json', true],
  ['text/plain', false],
  ['application/xml', false],
  ['application/jsonx', false],
  [7, false],
])('datacontenttype %s', (datacontenttype, well) => {
  const event = eventOf(cloudEvent({ datacontenttype }));
  expect(event instanceof Unreadable ? event.path : 'taken').toBe(well ? 'taken' : '/datacontenttype');
});

describe('refused', () => {
  test.each<[string, unknown, string]>([
    ['no object', 7, ''],
    ['null', null, ''],
    ['a list', [], ''],
    ['another version', cloudEvent({ specversion: '0.3' }), '/specversion'],
    ['no id', cloudEvent({ id: '' }), '/id'],
    ['an id that is a number', cloudEvent({ id: 1 }), '/id'],
    ['no source', cloudEvent({ source: undefined }), '/source'],
    ['no type', cloudEvent({ type: null }), '/type'],
    ['no time', cloudEvent({ time: undefined }), '/time'],
    ['a time without its zone', cloudEvent({ time: '2026-03-01T09:30:00' }), '/time'],
    ['a day', cloudEvent({ time: '2026-03-01' }), '/time'],
    ['a time that is a number', cloudEvent({ time: 1_772_357_400_000 }), '/time'],
    ['a month that does not exist', cloudEvent({ time: '2026-13-01T00:00:00Z' }), '/time'],
    ['a time before 1970', cloudEvent({ time: '1969-12-31T23:59:59Z' }), '/time'],
    ['bytes', cloudEvent({ data_base64: 'AA==' }), '/data_base64'],
  ])('%s', (_name, given, path) => {
    const { path: told, message } = refused(given);
    expect(told).toBe(path);
    expect(message.length).toBeGreaterThan(8);
  });

  test('keeps what was sent, without the person it is about', () => {
    expect(JSON.parse(refused(cloudEvent({ specversion: '2' })).given)).toEqual(
      cloudEvent({ specversion: '2' }),
    );
    expect(refused(cloudEvent({ time: 'x', subject: 'ada@example.org' })).given).not.toContain('ada@');
  });
});

test('null is an attribute that is not there', () => {
  const nulls = { subject: null, policy: null, datacontenttype: null, data_base64: null };
  expect(taken(nulls)).toEqual(taken());
  expect(refused(cloudEvent({ time: null })).path).toBe('/time');
});

test('a source that is longer than ours may be is cut between characters', () => {
  const { source } = taken({ source: `${'x'.repeat(99)}😀😀` });
  expect(source).toBe('x'.repeat(99));
});

test('a type of a million parts is not taken for a reason to fail', () => {
  expect(taken({ type: 'a.'.repeat(4_000_000) })['type']).toHaveLength(8_000_000);
  expect(taken({ type: 'a'.repeat(8_000_000) })['type']).toHaveLength(8_000_000);
});
