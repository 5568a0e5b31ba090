import { expect, test } from 'vitest';
import { Generator } from '../draw/generator.ts';
import { RobustInterval, RobustMixture } from './robust-mixture.ts';
import { studentQuantile } from './student-t.ts';

test('the running mean lies below the bound at no look, but for a few runs', () => {
  const alpha = 0.2;
  let crossed = 0;
  const runs = 200;
  for (let run = 0; run < runs; run += 1) {
    const generator = new Generator('coverage', [String(run)]);
    const interval = new RobustInterval();
    let isWrong = false;
    for (let index = 1; index <= 400; index += 1) {
      // Logged with 0.05; rare and large weights.
      const weight = generator.uniform() < 0.05 ? 20 : 0;
      interval.add(weight, generator.uniform() < 0.3 ? 1 : 0);
      if (index % 20 !== 0) continue;
      const [low, high] = interval.bounds(alpha);
      isWrong ||= low > 0.3 || high < 0.3;
    }
    if (isWrong) crossed += 1;
  }
  // 40 were allowed; the bounds are much wider than that.
  expect(crossed).toBeLessThan(40);
});

test('bounds close in on the value', () => {
  const generator = new Generator('narrow', ['1']);
  const interval = new RobustInterval();
  const widths: number[] = [];
  for (let index = 1; index <= 20_000; index += 1) {
    const weight = generator.uniform() < 0.25 ? 4 : 0;
    interval.add(weight, generator.uniform() < 0.7 ? 1 : 0);
    if ([100, 2_000, 20_000].includes(index)) {
      const [low, high] = interval.bounds(0.05);
      widths.push(high - low);
    }
  }
  const [low, high] = interval.bounds(0.05);
  expect(low).toBeLessThan(0.7);
  expect(high).toBeGreaterThan(0.7);
  expect(widths).toEqual(widths.toSorted((a, b) => b - a));
  expect(widths.at(-1)).toBeLessThan(0.12);
});

test('goes on from JSON as if nothing had been', () => {
  const [whole, first] = [new RobustMixture(), new RobustMixture()];
  const numbers = Array.from({ length: 100 }, (_, index) => (index % 7 === 0 ? index : 0.3));
  for (const one of numbers) whole.add(one);
  for (const one of numbers.slice(0, 40)) first.add(one);
  const second = new RobustMixture(JSON.parse(JSON.stringify(first)) as ReturnType<typeof first.toJSON>);
  for (const one of numbers.slice(40)) second.add(one);
  expect(second.toJSON()).toEqual(whole.toJSON());
  expect(second.lower(0.05)).toBe(whole.lower(0.05));
  expect(() => whole.add(-1)).toThrow(RangeError);
  expect(new RobustMixture().lower(0.05)).toBe(0);
});

test.each([
  [1, 12.7062],
  [2, 4.30265],
  [4, 2.77645],
  [10, 2.22814],
  [199, 1.97196],
  [100_000, 1.95999],
])('95 %% of Student’s t with %d degrees of freedom lie within %d', (freedom, quantile) => {
  expect(studentQuantile(0.05, freedom)).toBeCloseTo(quantile, 3);
});
