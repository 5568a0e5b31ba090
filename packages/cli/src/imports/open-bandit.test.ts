import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { countItems } from './count-items.ts';
import { csvRows } from './csv-rows.ts';
import { OPEN_BANDIT_COLUMNS, openBanditMapper } from './open-bandit.ts';
import { rowId } from './row-id.ts';
import { findSource, readRows } from './source-file.ts';

const BASE = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const envelope = { source: 'x.csv', idOf: (key: string) => rowId(BASE, BASE, key) };
const { signal } = new AbortController();
const rows = (text: AsyncIterable<string>, path: string) =>
  csvRows(text, { path, delimiter: ',', required: OPEN_BANDIT_COLUMNS });
const values = {
  timestamp: '2019-11-24 00:00:34.762830+00:00',
  item_id: '2',
  position: '3',
  click: '1',
  propensity_score: '0.25',
  user_feature_0: 'u0',
  user_feature_1: 'u1',
  user_feature_2: 'u2',
  user_feature_3: 'u3',
  'user-item_affinity_0': '1.0',
};
const map = (change: Partial<typeof values>) =>
  openBanditMapper('store', 4)({ readable: true, line: 2, values: { ...values, ...change } }, envelope);

test('a row is an item shown at a position to a user, and a second later whether it was clicked', () => {
  const decision = envelope.idOf('2 decision');
  expect(map({})).toEqual({
    ok: true,
    events: [
      {
        id: decision,
        type: 'decision',
        occurred_at: '2019-11-24T00:00:34.762Z',
        source: 'x.csv',
        policy: 'store',
        data: {
          context: {
            position: '3',
            user_feature_0: 'u0',
            user_feature_1: 'u1',
            user_feature_2: 'u2',
            user_feature_3: 'u3',
          },
          actions: [{ id: 'item-0' }, { id: 'item-1' }, { id: 'item-2' }, { id: 'item-3' }],
          chosen: 2,
          propensity: 0.25,
          policy_version: null,
          checkpoint: null,
          mode: 'live',
        },
      },
      {
        id: envelope.idOf('2 outcome'),
        type: 'outcome',
        occurred_at: '2019-11-24T00:00:35.762Z',
        source: 'x.csv',
        decision_id: decision,
        data: { name: 'click', value: 1 },
      },
    ],
  });
});

test.each([
  [{ timestamp: '' }, 'timestamp "" is no time'],
  [{ item_id: '4' }, 'item_id "4" is none of the 4 items, from 0'],
  [{ item_id: '-1' }, 'item_id "-1" is none of the 4 items, from 0'],
  [{ click: '2' }, 'click "2" is neither 0 nor 1'],
  [{ propensity_score: '' }, 'has no propensity'],
  [{ propensity_score: '0' }, 'propensity "0" is not in (0, 1]'],
])('with %j it is refused', (change, reason) => {
  expect(map(change)).toEqual({ ok: false, reason });
});

test('the sample that comes with this has 10,000 good rows of 80 items, 38 of them clicked', async () => {
  const path = fileURLToPath(new URL('../../demo/data/random-all.csv.gz', import.meta.url));
  const file = await findSource(path);
  const items = await countItems([file], rows, signal);
  const mapper = openBanditMapper('store', items);
  const counts = { items, good: 0, bad: 0, clicks: 0 };
  for await (const row of readRows(file, rows, { signal })) {
    const mapped = row.readable ? mapper(row, envelope) : undefined;
    if (!mapped?.ok) {
      counts.bad += 1;
      continue;
    }
    counts.good += 1;
    const outcome = mapped.events[1];
    if (outcome?.type === 'outcome' && outcome.data.value === 1) counts.clicks += 1;
  }
  expect(counts).toEqual({ items: 80, good: 10_000, bad: 0, clicks: 38 });
});
