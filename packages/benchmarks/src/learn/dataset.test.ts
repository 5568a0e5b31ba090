import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DATASETS, readDataset } from './dataset.ts';

const data = fileURLToPath(new URL('../../data/', import.meta.url));

test.each(DATASETS.map((name) => [name]))('%s: every row has features and a right action', (name) => {
  const { contexts, actions, right } = readDataset(data, name);
  expect(contexts.length).toBe(right.length);
  const sizes = new Set(contexts.map((context) => Object.keys(context).length));
  expect(sizes.size).toBe(1);
  // Each class occurs, and no row has another.
  expect(new Set(right)).toEqual(new Set(actions.keys()));
  expect(actions.length).toBeGreaterThan(1);
});

test('numbers are numbers and words are words', () => {
  expect(readDataset(data, 'iris').contexts[0]).toEqual({
    sepal_length: 5.1,
    sepal_width: 3.5,
    petal_length: 1.4,
    petal_width: 0.2,
  });
  expect(readDataset(data, 'mushroom').contexts[0]).toMatchObject({ f0: 'x', f1: 's' });
});
