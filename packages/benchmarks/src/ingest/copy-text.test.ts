import { expect, test } from 'vitest';
import { copyText } from './copy-text.ts';
import { makeEvents } from './events.ts';

const receivedAt = new Date('2026-05-01T12:00:00Z');
const tenantId = '0190a000-0000-7000-8000-000000000001';
const column = (name: string, type = 'text', nullable = false) => ({ name, type, nullable });
const textOf = (...given: Parameters<typeof copyText>): string =>
  Buffer.concat(copyText(...given)).toString();

test('a row has the columns in the order of the table', () => {
  const events = makeEvents(1, () => receivedAt.getTime());
  const text = textOf(
    events,
    [
      column('tenant_id'),
      column('id'),
      column('received_at'),
      column('policy', 'text', true),
      column('batch_id'),
    ],
    { tenantId, receivedAt },
  );
  expect(text).toBe(`${tenantId}\t${events[0]?.id}\t2026-05-01T12:00:00.000Z\t\\N\t1\n`);
});

test('what means something to COPY is written so that it means itself', () => {
  const [event] = makeEvents(1, () => 0);
  const odd = { ...event!, source: 'back\\slash\ttab\nline\rreturn' };
  expect(textOf([odd], [column('source')], { tenantId, receivedAt })).toBe(
    'back\\\\slash\\ttab\\nline\\rreturn\n',
  );
});

test('the fingerprint has the form of its column', () => {
  const events = makeEvents(1, () => 0);
  expect(textOf(events, [column('fingerprint', 'bytea')], { tenantId, receivedAt })).toMatch(
    /^\\\\x[0-9a-f]{32}\n$/,
  );
  expect(textOf(events, [column('fingerprint', 'uuid')], { tenantId, receivedAt })).toMatch(
    /^[0-9a-f]{32}\n$/,
  );
});

test('rows stand in batches of 500, numbered from 1', () => {
  const rows = textOf(
    makeEvents(501, () => 0),
    [column('batch_id'), column('ordinal')],
    { tenantId, receivedAt },
  ).split('\n');
  expect([rows[0], rows[499], rows[500]]).toEqual(['1\t1', '1\t500', '2\t1']);
});

test('a column that is unknown here and wants a value is refused', () => {
  const events = makeEvents(1, () => 0);
  expect(() => textOf(events, [column('mood')], { tenantId, receivedAt })).toThrow('"mood"');
});
