import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Generator } from '../draw/generator.ts';
import { RobustInterval, RobustMixture } from './robust-mixture.ts';

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

test('is the interval of VowpalWabbit', () => {
  // The weights and rewards of the unit test of its `confidence_sequence_robust`, and the bounds that it asks for.
  const interval = new RobustInterval();
  for (let index = 0; index < 200; index += 1) {
    interval.add(1.1, 1);
    interval.add(1.1, 0);
  }
  const [low, high] = interval.bounds(0.05);
  expect(low).toBeCloseTo(0.457_414_665_250_011_3, 8);
  expect(high).toBeCloseTo(0.542_359_766_590_693_2, 8);
});

// The formulas evaluated with 50 digits and 400 terms of the mixture.
test.each<[string, number[], number, number, number]>([
  ['always 1', [1], 50, 0.05, 0.767_282_774_446_64],
  ['large and rare', [4, 0, 0, 0, 0, 0, 0, 0], 300, 0.1, 0.414_683_232_117_526],
  ['more than can be', [20, 0, 0, 0, 0], 100, 0.05, 1],
])('is what its formulas say: %s', (_, pattern, times, alpha, bound) => {
  const mixture = new RobustMixture();
  for (let time = 0; time < times; time += 1) for (const x of pattern) mixture.add(x);
  expect(mixture.lower(alpha)).toBeCloseTo(bound, 8);
});

test('a bound that must hold more surely is lower', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 80 }), (numbers) => {
      const mixture = new RobustMixture();
      for (const one of numbers) mixture.add(one);
      const bounds = [0.5, 0.1, 0.01, 1e-6].map((alpha) => mixture.lower(alpha));
      expect(bounds).toEqual(bounds.toSorted((a, b) => b - a));
      expect(bounds.every((bound) => bound >= 0 && bound <= 1)).toBe(true);
    }),
  );
});

test('without numbers the bound is 0', () => {
  expect(new RobustMixture().lower(0.05)).toBe(0);
  expect(new RobustInterval().bounds(0.05)).toEqual([0, 1]);
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
});

test('what is wrong is refused, and nothing of it is added', () => {
  const interval = new RobustInterval();
  interval.add(2, 0.5);
  const before = interval.toJSON();
  const accepted = [
    [-1, 0],
    [Number.POSITIVE_INFINITY, 0.5],
    [Number.NaN, 0.5],
    [1, 1.1],
    [1, -0.1],
    [0, Number.NaN],
  ].filter(([weight = 0, reward = 0]) => {
    try {
      interval.add(weight, reward);
      return true;
    } catch (error) {
      return !(error instanceof RangeError);
    }
  });
  expect(accepted).toEqual([]);
  expect(interval.toJSON()).toEqual(before);
  for (const x of [-1, Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(() => new RobustMixture().add(x)).toThrow(RangeError);
  }
});
