import { expect, test } from 'vitest';
import { EvaluationTally } from './evaluation-tally.ts';
import { storedTallySchema } from './stored-tally.ts';

const stored = JSON.parse(JSON.stringify(new EvaluationTally())) as ReturnType<EvaluationTally['toJSON']>;

test('what was begun before repeated draws were left out goes on', () => {
  const { repeated_draw: _, ...leftOut } = stored.leftOut;
  const read = storedTallySchema.parse({ ...stored, leftOut: { ...leftOut, sticky_repeat: 3 } });
  expect(new EvaluationTally(read).toJSON()).toEqual({
    ...stored,
    leftOut: { ...stored.leftOut, sticky_repeat: 3, repeated_draw: 0 },
  });
});

test('what is not a tally is none', () => {
  const read = [
    { ...stored, leftOut: { ...stored.leftOut, sticky_repeat: -1 } },
    { ...stored, sums: { ...stored.sums, n: 0.5 } },
    { ...stored, sums: { ...stored.sums, sums: { w: [null] } } },
  ].filter((one) => storedTallySchema.safeParse(one).success);
  expect(read).toEqual([]);
});
