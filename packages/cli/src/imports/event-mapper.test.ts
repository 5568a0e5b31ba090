import { expect, test } from 'vitest';
import { eventMapper } from './event-mapper.ts';
import { rowId } from './row-id.ts';
import { type ImportEnvelope, refused } from './row-mapper.ts';

const BASE = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8057';
const envelope: ImportEnvelope = { source: 'x.jsonl', idOf: (key) => rowId(BASE, BASE, key) };
const map = (values: Record<string, unknown>) =>
  eventMapper(() => refused('no event'))({ readable: true, line: 3, values }, envelope);

const decision = {
  id: OTHER,
  type: 'decision',
  occurred_at: '2025-01-01T00:00:00.000Z',
  source: 'elsewhere',
  policy: 'p',
  data: {
    context: {},
    actions: [{ id: 'a' }],
    chosen: 0,
    propensity: 1,
    policy_version: null,
    checkpoint: null,
    mode: 'baseline',
    supersedes: BASE,
  },
};
const outcome = {
  type: 'outcome',
  occurred_at: '2025-01-01T00:00:00.000Z',
  decision_id: OTHER,
  data: { name: 'sent', value: true },
};

test('events keep all but their ids, and what named a decision still names it', () => {
  expect(map(decision)).toEqual({
    ok: true,
    events: [
      {
        ...decision,
        id: envelope.idOf(OTHER),
        data: { ...decision.data, supersedes: envelope.idOf(BASE) },
      },
    ],
  });
  expect(map(outcome)).toEqual({
    ok: true,
    events: [{ ...outcome, id: envelope.idOf('3'), source: 'x.jsonl', decision_id: envelope.idOf(OTHER) }],
  });
});

test('a decision without a propensity, another type and what is wrong in itself are refused with the reason', () => {
  const { propensity: _propensity, ...data } = decision.data;
  const reasons = [
    { ...decision, data },
    { ...decision, data: { ...decision.data, propensity: 0 } },
    { ...outcome, type: 'feedback' },
    { ...outcome, id: 7 },
    { ...outcome, extra: 1 },
    { id: 'x' },
  ].map((values) => {
    const mapped = map(values);
    return mapped.ok ? 'taken' : mapped.reason;
  });
  expect(reasons).toEqual([
    'has no propensity',
    'data propensity must be greater than 0',
    'events of type "feedback" are not imported, decision and outcome are',
    'id must be a text',
    'has unknown members: "extra"',
    'no event',
  ]);
});
