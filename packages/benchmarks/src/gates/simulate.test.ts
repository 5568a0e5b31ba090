import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { NULLS, POWERS } from './scenarios.ts';
import { firing, quantile } from './simulate.ts';

// Short forms of `npm run bench -- gates`. Seeds are fixed, so what passes once passes always.

test.each(NULLS.map((scenario) => [scenario.name, scenario] as const))(
  'nothing is shown that is not so: %s',
  { timeout: 60_000 },
  (_, scenario) => {
    const runs = Array.from({ length: 60 }, (__, seed) => firing({ ...scenario, units: 1_500 }, seed + 1));
    // Of 60 runs 3 may be wrong on average; more than 9 come with a probability of 0.1 %.
    expect(runs.filter(Number.isFinite).length).toBeLessThanOrEqual(9);
  },
);

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  'and what is shown by a wrong way would be noticed: %s',
  { timeout: 60_000 },
  (_, mutant) => {
    const wrong = Array.from({ length: 40 }, (__, seed) => mutant.isWrong(seed + 1)).filter(Boolean).length;
    expect(wrong).toBeGreaterThan(6);
  },
);

test('what is so is shown about as soon as expected', { timeout: 60_000 }, () => {
  const cell = POWERS.find(({ name }) => name === 'promote a lift of 0.05, ε 0.5');
  if (!cell) throw new Error('there is no such cell');
  const median = quantile(
    Array.from({ length: 60 }, (_, seed) => firing(cell, seed + 1)),
    0.5,
  );
  // The median of 60 runs has a spread of about 12 %.
  expect(median / cell.expected).toBeGreaterThan(0.6);
  expect(median / cell.expected).toBeLessThan(1.4);
});
