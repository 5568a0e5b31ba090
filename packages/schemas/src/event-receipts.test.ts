import { expect, test } from 'vitest';
import { mistakes } from '../test/mistakes.ts';
import { eventQuerySchema, eventReceiptSchema } from './event-receipts.ts';

const ID = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const at = '2026-03-01T09:30:00.000Z';

test('an accepted event is shown as it is stored, a rejected one as its dead letter', () => {
  const accepted = {
    id: ID,
    status: 'accepted',
    received_at: at,
    batch_id: '48213',
    import_id: null,
    event: {
      received_at: at,
      batch_id: '48213',
      id: ID,
      type: 'activation',
      schema_version: 1,
      occurred_at: at,
      source: 'help-desk',
      decision_id: ID,
      subject: '0f'.repeat(32),
    },
    dead_letter: null,
  };
  expect(eventReceiptSchema.parse(accepted)).toEqual(accepted);
  const rejected = {
    id: 'no-uuid',
    status: 'rejected',
    received_at: at,
    batch_id: null,
    import_id: null,
    event: null,
    dead_letter: {
      id: ID,
      received_at: at,
      event_id: 'no-uuid',
      type: 'outcome',
      code: 'invalid_id',
      path: '/id',
      message: 'must be a UUIDv7 in lower case',
      origin: 'key',
      times: 2,
      event: { id: 'no-uuid', type: 'outcome' },
      truncated: false,
      replayed_at: null,
    },
  };
  expect(eventReceiptSchema.parse(rejected)).toEqual(rejected);
});

test('the person is never shown as written', () => {
  const subject = eventReceiptSchema.shape.event.unwrap().shape.subject;
  expect(subject.safeParse('customer-190').success).toBe(false);
});

test.each<[object, string[]]>([
  [{ policy: 'p', decision_id: ID, type: 'reward', episode_id: 'e', limit: '500' }, []],
  [{ episode_id: '' }, ['/episode_id must not be empty']],
  [{ decision_id: 'x' }, ['/decision_id must be a UUIDv7 in lower case']],
])('a list of %j', (query, expected) => {
  expect(mistakes(eventQuerySchema, query)).toEqual(expected);
});
