import { expect, test } from 'vitest';
import { targetOf } from './target-options.ts';

test.each(['0', '.2', '0.2', '1', '1.0'])('%s is a share', async (exploration) => {
  expect(await targetOf({ baseline: true, exploration })).toEqual({
    baseline: { exploration: Number(exploration) },
  });
});

test.each(['', '.', '-.2', '1.1', '20 %'])('%s is none', async (exploration) => {
  await expect(targetOf({ baseline: true, exploration })).rejects.toThrow('must be a share from 0 to 1');
});
