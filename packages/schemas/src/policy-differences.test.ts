import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differencesBetween } from './policy-differences.ts';
import { similarName } from './similar-name.ts';

test('there are differences exactly where two values are not equal', () => {
  // Numbers without -0, which JSON does not tell from 0.
  const value = fc.jsonValue({ maxDepth: 4 }).map((json) => JSON.parse(JSON.stringify(json)) as unknown);
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(differencesBetween(one, structuredClone(one))).toEqual([]);
      expect(differencesBetween(one, other).length === 0).toBe(isDeepStrictEqual(one, other));
    }),
  );
});

test('lists of items with ids are compared by these', () => {
  // Configurations come from JSON, where every object is like every other.
  const item = fc.record(
    { id: fc.constantFrom('a', 'b', 'c', 'd'), n: fc.constantFrom(1, 2) },
    { noNullPrototype: true },
  );
  const list = fc.uniqueArray(item, { selector: ({ id }) => id });
  fc.assert(
    fc.property(list, list, (one, other) => {
      expect(differencesBetween(one, other).length === 0).toBe(isDeepStrictEqual(one, other));
    }),
  );
});

test('a difference names its place, and an item that was put in moves no other', () => {
  expect(
    differencesBetween(
      { actions: [{ id: 'a' }, { id: 'b', features: { 'x/y': 1 } }], share: 0.1 },
      { actions: [{ id: 'a' }, { id: 'new' }, { id: 'b', features: { 'x/y': 2 } }] },
    ),
  ).toEqual([
    { path: '/actions/b/features/x~1y', before: 1, after: 2 },
    { path: '/actions/new', after: { id: 'new' } },
    { path: '/share', before: 0.1 },
  ]);
});

test('another first item is told: it is another baseline', () => {
  expect(differencesBetween([{ id: 'a' }, { id: 'b' }], [{ id: 'b' }, { id: 'a' }])).toEqual([
    { path: '', before: ['a', 'b'], after: ['b', 'a'] },
  ]);
  expect(differencesBetween([{ id: 'a' }], [{ id: 'b' }, { id: 'a' }])).toContainEqual({
    path: '',
    before: ['a'],
    after: ['b', 'a'],
  });
});

test('a name is near when few of its letters are other ones', () => {
  const names = ['description', 'explorer', 'learner'];
  expect(similarName('desciption', names)).toBe('description');
  expect(similarName('Explorer', names)).toBe('explorer');
  expect(similarName('lerner', names)).toBe('learner');
  expect(similarName('whatever', names)).toBeUndefined();
  expect(similarName('x'.repeat(1_000_000), names)).toBeUndefined();
});
