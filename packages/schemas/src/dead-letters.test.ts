import { expect, test } from 'vitest';
import { mistakes } from '../test/mistakes.ts';
import {
  deadLetterQuerySchema,
  deadLetterSchema,
  replayAnswerSchema,
  replayBodySchema,
} from './dead-letters.ts';

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const CODES =
  'schema_invalid, not_allowed, unknown_type, unsupported_version, event_too_large, invalid_id, id_conflict, id_too_old, id_in_future, occurred_in_future, not_persisted';

test.each<unknown>([{ id: 7 }, null, 'not JSON at all'])(
  'a dead letter holds whatever was sent: %j',
  (event) => {
    const letter = {
      id: ID,
      received_at: '2026-03-01T09:30:00.000Z',
      event_id: null,
      type: 'click',
      code: 'unknown_type',
      path: '/type',
      message: 'must be one of decision, outcome',
      origin: 'publishable',
      times: 1,
      event,
      truncated: false,
      replayed_at: null,
    };
    expect(deadLetterSchema.parse(letter)).toEqual(letter);
  },
);

test.each<[object, string[]]>([
  [{}, []],
  [{ limit: '5', code: 'id_conflict', type: 'reward', replayed: 'false' }, []],
  [{ from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' }, []],
  [{ replayed: 'yes' }, ['/replayed must be one of true, false']],
  [{ code: 'wrong' }, [`/code must be one of ${CODES}`]],
  [
    { from: '2026-03-01' },
    ['/from must be a time in UTC with milliseconds, such as 2026-03-01T09:30:00.000Z'],
  ],
])('a list of %j', (query, expected) => {
  expect(mistakes(deadLetterQuerySchema, query)).toEqual(expected);
});

test('a replay is of at most a thousand, and not dry unless asked', () => {
  expect(replayBodySchema.parse({})).toEqual({ limit: 1000, dry_run: false });
  expect(replayBodySchema.parse({ ids: [ID], limit: 1, dry_run: true, type: 'outcome' })).toEqual({
    ids: [ID],
    limit: 1,
    dry_run: true,
    type: 'outcome',
  });
});

test.each<[object, string]>([
  [{ ids: [] }, '/ids must have at least 1 item'],
  [{ ids: ['x'] }, '/ids/0 must be a UUID in lower case'],
  [{ ids: Array.from({ length: 1001 }, () => ID) }, '/ids must have at most 1000 items'],
  [{ limit: 0 }, '/limit must be at least 1'],
  [{ limit: 1001 }, '/limit must be at most 1000'],
  [{ dry_run: 'true' }, '/dry_run must be true or false'],
  [{ all: true }, '/ has unknown members: "all"'],
])('no replay of %j', (body, mistake) => {
  expect(mistakes(replayBodySchema, body)).toEqual([mistake]);
});

test('the answer to a replay names the dead letter and its event', () => {
  const answer = {
    dry_run: true,
    counts: { received: 2, accepted: 1, duplicate: 0, rejected: 1, retry: 0 },
    remaining: 0,
    results: [
      { dead_letter_id: ID, event_id: ID, status: 'accepted' },
      {
        dead_letter_id: ID,
        event_id: null,
        status: 'rejected',
        code: 'invalid_id',
        path: '/id',
        message: 'is required',
      },
    ],
  };
  expect(replayAnswerSchema.parse(answer)).toEqual(answer);
});
