import { createLinearPolicy } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import type { Dataset } from './dataset.ts';
import { progressiveLoss } from './progressive.ts';

/** The context says which of two actions is right. */
const told: Dataset = {
  name: 'told',
  contexts: Array.from({ length: 500 }, (_, row) => ({ side: row % 2 === 0 ? 'left' : 'right' })),
  actions: [{ id: 'left' }, { id: 'right' }],
  right: Array.from({ length: 500 }, (_, row) => row % 2),
};
const order = Array.from({ length: 500 }, (_, row) => row);

function lossOf(configuration: object, dataset = told): number {
  const policy = createLinearPolicy(versionConfigurationSchema.parse(configuration));
  return progressiveLoss(policy, dataset, order, 'seed');
}

test('what can be learned is learned', () => {
  expect(lossOf({})).toBeLessThan(0.1);
});

test('it is the loss of what was drawn: without learning it is that of chance', () => {
  const half = { explorer: { kind: 'fixed', probabilities: { left: 0.5, right: 0.5 } } };
  // 250 of 500, with a standard deviation of 11.
  expect(Math.abs(lossOf(half) - 0.5)).toBeLessThan(0.1);
  const always = {
    explorer: { kind: 'fixed', probabilities: { left: 1, right: 0 } },
    minimum_probability: 0,
  };
  expect(lossOf(always)).toBe(0.5);
});

test('the right action of a row is not known before it was decided', () => {
  const contradicting: Dataset = { ...told, right: told.right.map((_, row) => (row * 7 + (row >> 3)) % 2) };
  expect(lossOf({}, contradicting)).toBeGreaterThan(0.3);
});

test('the same seed gives the same', () => {
  expect(lossOf({})).toBe(lossOf({}));
});
