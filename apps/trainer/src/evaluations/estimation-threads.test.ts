import { expect, test } from 'vitest';
import { ChunkEstimator } from './chunk-estimator.ts';
import { createEstimationThreads } from './estimation-threads.ts';
import type { ChunkRow, ThreadSetup } from './thread-messages.ts';

const setup: ThreadSetup = {
  source: { kind: 'declared', declared: { probabilities: { a: 0.5, b: 0.5 } } },
  range: [0, 2],
};
const rows: ChunkRow[] = [0.25, 0.5, 1].map((reward, index) => ({
  id: `0190a000-0000-7000-8000-00000000000${index}`,
  reward,
  imported: false,
  repeated: false,
  data: JSON.stringify({
    context: { x: index },
    actions: [{ id: 'a' }, { id: 'b' }],
    probabilities: [0.25, 0.75],
    chosen: 0,
    propensity: 0.25,
    policy_version: null,
    checkpoint: null,
    mode: 'shadow_only',
  }),
}));

test('threads estimate as this one does, and each evaluation knows nothing of another', async () => {
  const threads = createEstimationThreads(2);
  const here = new ChunkEstimator(setup);
  here.learn(rows);
  const [first, other] = [threads.begin(setup), threads.begin(setup)];
  await Promise.all([first.learn(rows), other.learn(rows.slice(0, 1))]);
  expect(await first.estimate([rows.slice(0, 2), rows.slice(2)])).toEqual([
    here.estimate(rows.slice(0, 2)),
    here.estimate(rows.slice(2)),
  ]);
  expect((await other.estimate([rows]))[0]?.sums).not.toEqual(here.estimate(rows).sums);
  first.end();
  other.end();
  await threads.close();
});

test('weights and rescaled rewards come in their order; a reward that is no number is left out', () => {
  const estimator = new ChunkEstimator(setup);
  const broken = rows.map((row, index) => (index === 1 ? { ...row, reward: Number.NaN } : row));
  estimator.learn(broken);
  const estimate = estimator.estimate(broken);
  expect(Array.from(estimate.weighted)).toEqual([2, 0.125, 2, 0.5]);
  expect(estimate).toMatchObject({ sums: { n: 2 }, leftOut: { unreadable: 1 } });
});

test('what cannot be squared and summed is left out, and what repeats a draw; of neither anything is learned', () => {
  const estimator = new ChunkEstimator(setup);
  const [first, second] = rows;
  if (!first || !second) throw new Error('there are rows');
  const changed = (row: ChunkRow, data: object): ChunkRow => ({
    ...row,
    data: JSON.stringify({ ...(JSON.parse(row.data) as object), ...data }),
  });
  const others = [
    { ...first, reward: 1e200 },
    { ...first, reward: -1e61 },
    { ...changed(first, { probabilities: undefined, propensity: 5e-324 }), imported: true },
    { ...first, repeated: true },
    // What is left out for another reason is not counted by this one.
    { ...changed(first, { mode: 'degraded' }), repeated: true },
  ];
  estimator.learn(others);
  expect(estimator.estimate([...others, second])).toMatchObject({
    sums: { n: 1, sums: { we: [1], qw: [] } },
    leftOut: { unreadable: 3, repeated_draw: 1, not_explored: 1 },
  });
});

test('a range that is wider than a double can be has places all the same', () => {
  const estimator = new ChunkEstimator({ ...setup, range: [-1.7e308, 1.7e308] });
  expect(Array.from(estimator.estimate(rows.slice(0, 1)).weighted)).toEqual([2, 0.5]);
});

test('threads that have ended say so, and the next evaluation gets others', async () => {
  const threads = createEstimationThreads(1);
  const estimation = threads.begin(setup);
  estimation.end();
  await expect(estimation.learn(rows)).rejects.toThrow('has not begun');
  await expect(estimation.estimate([rows])).rejects.toThrow('has not begun');
  await expect(threads.begin(setup).learn(rows)).resolves.toBeUndefined();
  await threads.close();
  const closing = threads.close();
  await expect(threads.begin(setup).learn(rows)).resolves.toBeUndefined();
  await closing;
  await threads.close();
});

test('whoever waits when they end without an answer is told', async () => {
  const threads = createEstimationThreads(1);
  const estimation = threads.begin(setup);
  const closing = threads.close();
  await expect(estimation.learn(rows)).rejects.toThrow('a thread of the evaluations has ended');
  await closing;
});
