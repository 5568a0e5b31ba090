import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

const drawn = (seed: string) => {
  const random = createRandom(seed);
  return Array.from({ length: 1000 }, () => random.int(1, 6));
};

test('the same seed draws the same numbers, another one others', () => {
  expect(drawn('7')).toEqual(drawn('7'));
  expect(drawn('7')).not.toEqual(drawn('8'));
  expect(createRandom('7').fork('a').next()).toBe(createRandom('7').fork('a').next());
  expect(createRandom('7').fork('a').next()).not.toBe(createRandom('7').fork('b').next());
});

test('what a part draws does not depend on the others', () => {
  const busy = createRandom('7');
  for (let n = 0; n < 10; n += 1) busy.next();
  expect(busy.fork('a').next()).toBe(createRandom('7').fork('a').next());
});

test('all numbers of a range come, about equally often, and no others', () => {
  const counts = Map.groupBy(drawn('7'), (n) => n);
  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const all of counts.values()) expect(all.length).toBeGreaterThan(120);
});

test('nothing can be picked from an empty list', () => {
  expect(() => createRandom('7').pick([])).toThrow('nothing to pick from');
});
