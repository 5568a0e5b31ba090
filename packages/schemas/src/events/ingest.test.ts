import { expect, test } from 'vitest';
import { mistakes } from '../../test/mistakes.ts';
import { ingestAnswerSchema, ingestBodySchema } from './ingest.ts';

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';

test.each<object>([
  { events: [null] },
  { events: Array.from({ length: 1000 }, () => ({})), mode: 'atomic' },
  { events: [{}], mode: 'partial', import_id: ID },
])('a batch', (body) => {
  expect(ingestBodySchema.parse(body)).toEqual(body);
});

test.each<[unknown, string]>([
  [{}, '/events is required'],
  [{ events: [] }, '/events must have at least 1 item'],
  [{ events: Array.from({ length: 1001 }, () => ({})) }, '/events must have at most 1000 items'],
  [{ events: [{}], mode: 'all' }, '/mode must be one of partial, atomic'],
  [{ events: [{}], import_id: 'x' }, '/import_id must be a UUIDv7 in lower case'],
  [{ events: [{}], dry_run: true }, '/ has unknown members: "dry_run"'],
  [[{}], '/ must be an object'],
])('not a batch: %j', (body, mistake) => {
  expect(mistakes(ingestBodySchema, body)).toEqual([mistake]);
});

test('an answer', () => {
  const answer = {
    request_id: 'r',
    received_at: '2026-03-01T09:30:00.000Z',
    counts: { received: 2, accepted: 1, duplicate: 0, rejected: 1, retry: 0 },
    results: [
      { index: 1, id: null, status: 'rejected', code: 'invalid_id', path: '/id', message: 'is required' },
    ],
  };
  expect(ingestAnswerSchema.parse(answer)).toEqual(answer);
  expect(
    ingestAnswerSchema.safeParse({ ...answer, results: [{ index: 1, id: null, status: 'lost' }] }).success,
  ).toBe(false);
});
