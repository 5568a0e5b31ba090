import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ColumnMapping, columnMapper } from './column-mapper.ts';
import { rowId } from './row-id.ts';
import type { ImportEnvelope } from './row-mapper.ts';

const BASE = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const envelope: ImportEnvelope = { source: 'x.csv', idOf: (key) => rowId(BASE, BASE, key) };
const mapping: ColumnMapping = {
  policy: 'p',
  time: 'at',
  action: 'did',
  propensity: 'prob',
  reward: { column: 'paid', outcome: 'payment' },
  actions: { listed: [{ id: 'a' }, { id: 'b', features: { size: 2 } }] },
  valueOf: (_, raw) => raw,
};
const row = { at: '2025-01-01', did: 'b', prob: '0.25', paid: 3, colour: 'red', width: 4 };
const map = (values: Record<string, unknown>, more: Partial<ColumnMapping> = {}) =>
  columnMapper({ ...mapping, ...more })({ readable: true, line: 7, values }, envelope);

describe('a row', () => {
  test('becomes a decision and an outcome that names it', () => {
    const decision = envelope.idOf('7 decision');
    const common = { occurred_at: '2025-01-01T00:00:00.000Z', source: 'x.csv' };
    expect(map(row)).toEqual({
      ok: true,
      events: [
        {
          ...common,
          id: decision,
          type: 'decision',
          policy: 'p',
          data: {
            context: { colour: 'red', width: 4 },
            actions: [{ id: 'a' }, { id: 'b', features: { size: 2 } }],
            chosen: 1,
            propensity: 0.25,
            policy_version: null,
            checkpoint: null,
            mode: 'live',
          },
        },
        {
          ...common,
          id: envelope.idOf('7 outcome'),
          type: 'outcome',
          decision_id: decision,
          data: { name: 'payment', value: 3 },
        },
      ],
    });
  });

  test('has its own choices, key, episode and features where columns say so', () => {
    const values = { ...row, list: '["b", 3, {"id": "c", "features": {"x": 1}}]', key: 'k', talk: 12 };
    const more = { actions: { column: 'list' }, id: 'key', episode: 'talk', context: ['colour', 'absent'] };
    expect(map(values, more)).toMatchObject({
      events: [
        {
          id: envelope.idOf('k decision'),
          episode_id: '12',
          data: {
            context: { colour: 'red' },
            actions: [{ id: 'b' }, { id: '3' }, { id: 'c', features: { x: 1 } }],
            chosen: 0,
          },
        },
        { id: envelope.idOf('k outcome') },
      ],
    });
  });

  test.each([undefined, null])('without a reward (%s) has no outcome', (paid) => {
    expect(map({ ...row, paid })).toMatchObject({ events: [{ type: 'decision' }] });
  });

  test.each([
    [{ at: 'soon' }, 'at "soon" is no time'],
    [{ at: '' }, 'at is empty'],
    [{ prob: '' }, 'has no propensity'],
    [{ prob: undefined }, 'has no propensity'],
    [{ prob: null }, 'has no propensity'],
    [{ did: '' }, 'did is empty'],
    [{ did: 'c' }, 'did "c" is not among its actions'],
    [{ paid: { much: 1 } }, 'data value must be true, false, a finite number'],
    [{ colour: ['red'] }, 'data context colour must be a finite number'],
  ])('with %j is refused: %s', (change, reason) => {
    expect(map({ ...row, ...change })).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('with choices that are no list, or repeat one, is refused', () => {
    const of = (list: unknown) => map({ ...row, list }, { actions: { column: 'list' } });
    const wrong = ['b', '{"id":"b"}', '[null]', '', undefined, [[]]].filter((list) => {
      const mapped = of(list);
      return mapped.ok || !mapped.reason.startsWith('has no JSON list of actions');
    });
    expect(wrong).toEqual([]);
    expect(of('["b","b"]')).toEqual({
      ok: false,
      reason: 'data actions 1 id must be unique within the decision',
    });
  });

  test('is taken with a propensity in (0, 1] and no other', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.double({ min: -1, max: 2 })), fc.boolean(), (prob, asText) => {
        const mapped = map({ ...row, prob: asText ? String(prob) : prob });
        expect(mapped.ok).toBe(prob > 0 && prob <= 1);
      }),
    );
  });
});
