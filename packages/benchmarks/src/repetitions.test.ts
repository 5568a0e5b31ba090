import { expect, test } from 'vitest';
import { inTurns } from './repetitions.ts';

test('each repetition measures both on the same input, and the first one is swapped', async () => {
  const order: string[] = [];
  let prepared = 0;
  const pairs = await inTurns(3, {
    prepare: async () => (prepared += 1),
    measure: async (input) => {
      order.push(`measure ${input}`);
      return input * 10;
    },
    refer: async (input) => {
      order.push(`refer ${input}`);
      return input * 100;
    },
    done: (pair, repetition) => order.push(`done ${repetition}: ${pair.measured} of ${pair.reference}`),
  });
  expect(order).toEqual([
    'measure 1',
    'refer 1',
    'done 1: 10 of 100',
    'refer 2',
    'measure 2',
    'done 2: 20 of 200',
    'measure 3',
    'refer 3',
    'done 3: 30 of 300',
  ]);
  expect(pairs).toHaveLength(3);
  expect(pairs[1]).toEqual({ measured: 20, reference: 200 });
});
