import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Generator } from '../draw/generator.ts';
import { estimate } from './estimates.ts';
import { type EvaluationRow, EstimatorSums, SHRINKAGES, SWITCH_LIMITS } from './estimator-sums.ts';

interface Fixture {
  rows: { chosen: number; propensity: number; target: number[]; expected: number[]; reward: number }[];
  estimates: Record<'ips' | 'snips' | 'dm' | 'dr' | 'sndr', number> &
    Record<'switch_dr' | 'dr_os', Record<string, number>>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/estimators/estimates.json', import.meta.url), 'utf8'),
) as Fixture;
const rows = fixture.rows.map(({ chosen, propensity, target, expected, reward }): EvaluationRow => ({
  reward,
  propensity,
  target: target[chosen] ?? 0,
  expected: expected[chosen] ?? 0,
  expectedTarget: target.reduce((sum, p, action) => sum + p * (expected[action] ?? 0), 0),
  uncovered: 0,
}));
const sumsOf = (given: readonly EvaluationRow[]): EstimatorSums => {
  const sums = new EstimatorSums();
  for (const row of given) sums.add(row);
  return sums;
};

describe('each estimator is that of Open Bandit Pipeline', () => {
  const sums = sumsOf(rows);
  const made = estimate(sums);
  test.each(['ips', 'snips', 'dm', 'dr', 'sndr'] as const)('%s', (name) => {
    expect(Math.abs(made[name].value - fixture.estimates[name])).toBeLessThan(1e-9);
  });
  test.each(Object.entries(fixture.estimates.switch_dr))('Switch-DR with %s', (limit, value) => {
    const index = SWITCH_LIMITS.findIndex((one) => String(one) === limit);
    expect(Math.abs((sums.switched[index]?.sum.value ?? 0) / rows.length - value)).toBeLessThan(1e-9);
  });
  test.each(Object.entries(fixture.estimates.dr_os))('DRos with %s', (shrinkage, value) => {
    const index = SHRINKAGES.findIndex((one) => String(one) === shrinkage);
    expect(Math.abs((sums.shrunk[index]?.sum.value ?? 0) / rows.length - value)).toBeLessThan(1e-9);
  });
});

test('standard errors are those of what each row contributes', () => {
  const made = estimate(sumsOf(rows));
  const n = rows.length;
  const weights = rows.map(({ target, propensity }) => target / propensity);
  const contributions = (of: (row: EvaluationRow, w: number) => number): number[] =>
    rows.map((one, index) => of(one, weights[index] ?? 0));
  const errorOf = (values: readonly number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n);
  };
  const meanWeight = weights.reduce((sum, w) => sum + w, 0) / n;
  const { limit } = made.switchDr;
  const { shrinkage } = made.drOs;
  const correction = made.sndr.value - made.dm.value;
  const expected = {
    logged: contributions(({ reward }) => reward),
    ips: contributions(({ reward }, w) => w * reward),
    snips: contributions(({ reward }, w) => (w * (reward - made.snips.value)) / meanWeight),
    dm: contributions(({ expectedTarget }) => expectedTarget),
    dr: contributions((one, w) => one.expectedTarget + w * (one.reward - one.expected)),
    sndr: contributions(
      (one, w) => one.expectedTarget + (w * (one.reward - one.expected - correction)) / meanWeight,
    ),
    switchDr: contributions(
      (one, w) => one.expectedTarget + (w <= limit ? w * (one.reward - one.expected) : 0),
    ),
    drOs: contributions(
      (one, w) => one.expectedTarget + ((shrinkage * w) / (w * w + shrinkage)) * (one.reward - one.expected),
    ),
  };
  for (const [name, values] of Object.entries(expected)) {
    expect(made[name as keyof typeof expected].error, name).toBeCloseTo(errorOf(values), 12);
  }
});

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const probability = fc.double({ min: 1e-9, max: 1, noNaN: true });
const row = fc.record({
  reward: number,
  propensity: probability,
  target: probability,
  expected: number,
  expectedTarget: number,
  uncovered: probability,
});

test('parts merged in any order and grouping, also through JSON, are the whole to the bit', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(row, fc.nat(3)), { minLength: 1, maxLength: 60 }), (given) => {
      const whole = sumsOf(given.map(([one]) => one));
      const merged = new EstimatorSums();
      for (const part of [2, 0, 3, 1]) {
        const sums = sumsOf(given.filter(([, of]) => of === part).map(([one]) => one));
        merged.merge(EstimatorSums.from(JSON.parse(JSON.stringify(sums)) as ReturnType<typeof sums.toJSON>));
      }
      expect(estimate(merged)).toEqual(estimate(whole));
    }),
    { numRuns: 300 },
  );
});

test('what is wrong is refused, and nothing of it is added', () => {
  const sums = new EstimatorSums();
  const [good] = rows;
  for (const change of [
    { propensity: 0 },
    { propensity: 1.1 },
    { propensity: Number.NaN },
    { target: Number.NaN },
    { target: 1.1 },
    { uncovered: Number.NaN },
    { uncovered: -0.1 },
    { reward: Number.NaN },
    { reward: Number.POSITIVE_INFINITY },
    { expected: Number.NaN },
    { expectedTarget: Number.NEGATIVE_INFINITY },
    // What is finite, and is not any more when it is weighted or squared.
    { reward: 1e200 },
    { propensity: 5e-324, target: 1 },
  ]) {
    expect(() => sums.add({ ...good, ...change } as EvaluationRow)).toThrow(RangeError);
  }
  expect(sums.n).toBe(0);
  expect(() => estimate(sums)).toThrow('nothing to estimate');
});

test('a row of any finite numbers is added as a whole or not at all', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  const large = fc.integer({ min: 60, max: 308 }).map((exponent) => Number(`1e${exponent}`));
  const size = fc.oneof(any, large, number);
  const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(5e-324, 1e-139, 1e-141));
  const wild = fc.record({
    reward: size,
    propensity: share,
    target: share,
    expected: size,
    expectedTarget: size,
    uncovered: share,
  });
  let refusals = 0;
  fc.assert(
    fc.property(fc.array(wild, { maxLength: 8 }), (given) => {
      const sums = new EstimatorSums();
      const wrong: object[] = [];
      for (const one of given) {
        const before = JSON.stringify(sums);
        try {
          sums.add(one);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          refusals += 1;
          if (JSON.stringify(sums) !== before) wrong.push(one);
        }
      }
      expect(wrong).toEqual([]);
      // What is not finite would be null.
      expect(JSON.stringify(sums)).not.toContain('null');
    }),
    { numRuns: 500 },
  );
  expect(refusals).toBeGreaterThan(100);
});

test('stored sums that are not whole are refused: what is missing is not 0', () => {
  const stored = sumsOf(rows).toJSON();
  const { w: _, ...fewer } = stored.sums;
  const damaged: object[] = [
    { ...stored, sums: fewer },
    { ...stored, sums: { ...stored.sums, w: [null] } },
    { ...stored, switched: stored.switched.slice(1) },
    { ...stored, shrunk: [...stored.shrunk, ...stored.shrunk] },
  ];
  for (const one of damaged) {
    expect(() => EstimatorSums.from(one as typeof stored)).toThrow(RangeError);
  }
});

/** Three actions in two contexts, whose mean rewards are known, logged by another policy than the one that is estimated. */
function world(seed: string, count: number, logging: readonly number[][], target: readonly number[][]) {
  const means = [
    [0.2, 0.5, 0.9],
    [0.7, 0.1, 0.4],
  ];
  const generator = new Generator('world', [seed]);
  const sums = new EstimatorSums();
  for (let index = 0; index < count; index += 1) {
    const context = generator.uniform() < 0.5 ? 0 : 1;
    const p = logging[context] ?? [];
    const pi = target[context] ?? [];
    let left = generator.uniform();
    let chosen = 0;
    while (left >= (p[chosen] ?? 1) && chosen < 2) {
      left -= p[chosen] ?? 0;
      chosen += 1;
    }
    // A reward model that is wrong by a constant, and by context.
    const q = [0.5, 0.5, 0.5].map((one, action) => one + 0.1 * action - 0.2 * context);
    sums.add({
      reward: generator.uniform() < (means[context]?.[chosen] ?? 0) ? 1 : 0,
      propensity: p[chosen] ?? 0,
      target: pi[chosen] ?? 0,
      expected: q[chosen] ?? 0,
      expectedTarget: pi.reduce((sum, one, action) => sum + one * (q[action] ?? 0), 0),
      uncovered: 0,
    });
  }
  const value = [0, 1].reduce(
    (sum, context) =>
      sum + 0.5 * (target[context] ?? []).reduce((inner, p, a) => inner + p * (means[context]?.[a] ?? 0), 0),
    0,
  );
  return { made: estimate(sums), value };
}

test('without bias, and intervals cover as often as they say', () => {
  const logging = [
    [0.6, 0.3, 0.1],
    [0.2, 0.6, 0.2],
  ];
  const target = [
    [0.1, 0.2, 0.7],
    [0.8, 0.1, 0.1],
  ];
  const names = ['ips', 'snips', 'dr', 'sndr'] as const;
  const errors: Record<string, number[]> = {};
  const covered: Record<string, number> = {};
  for (let run = 0; run < 300; run += 1) {
    const { made, value } = world(String(run), 1_000, logging, target);
    for (const name of names) {
      (errors[name] ??= []).push(made[name].value - value);
      covered[name] =
        (covered[name] ?? 0) + (Math.abs(made[name].value - value) <= made[name].halfWidth ? 1 : 0);
    }
  }
  for (const name of names) {
    const all = errors[name] ?? [];
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (all.length - 1));
    // Within four standard errors of 0, and 95 % within four of a binomial with 300 runs.
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(all.length));
    expect(covered[name]).toBeGreaterThan(300 * 0.9);
  }
});

test('a log that is worth too little, or that hardly ever plays what the target would, gives no verdict', () => {
  const few = world(
    'few',
    150,
    [
      [1 / 3, 1 / 3, 1 / 3],
      [1 / 3, 1 / 3, 1 / 3],
    ],
    [
      [0, 0, 1],
      [1, 0, 0],
    ],
  );
  expect(few.made.refused).toMatchObject({ reason: 'insufficient_sample' });
  const sums = new EstimatorSums();
  for (let index = 0; index < 500; index += 1) {
    sums.add({ reward: 1, propensity: 0.5, target: 0.5, expected: 0, expectedTarget: 0, uncovered: 0.06 });
  }
  expect(estimate(sums).refused).toMatchObject({ reason: 'insufficient_overlap' });
});
