import { expect, test } from 'vitest';
import { shufflesOf } from './shuffles.ts';

test('each shuffle has every row once, in an order of its own', () => {
  const shuffles = shufflesOf('iris', 150, 4);
  for (const order of shuffles) {
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, row) => row));
  }
  expect(new Set(shuffles.map((order) => order.join())).size).toBe(4);
});

test('more shuffles begin with the same ones', () => {
  expect(shufflesOf('iris', 20, 5).slice(0, 2)).toEqual(shufflesOf('iris', 20, 2));
  expect(shufflesOf('wine', 20, 1)).not.toEqual(shufflesOf('iris', 20, 1));
});

test('rows come to every place alike', () => {
  const places = Array.from({ length: 5 }, () => 0);
  for (const order of shufflesOf('any', 5, 5_000)) {
    const place = order.indexOf(0);
    places[place] = (places[place] ?? 0) + 1;
  }
  // 1,000 each, with a standard deviation of 28.
  for (const count of places) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
