import { expect, test } from 'vitest';
import { approveRolloutSchema, rollbackRolloutSchema } from './rollout.ts';

test('a reason is a line of text', () => {
  expect(rollbackRolloutSchema.parse({ reason: '  customers complain ' })).toEqual({
    reason: 'customers complain',
  });
  for (const reason of ['', '  ', 'a\nb', '\u001B[2J', 'x'.repeat(1_001)]) {
    expect(approveRolloutSchema.safeParse({ revision: 1, reason }).success).toBe(false);
  }
});
