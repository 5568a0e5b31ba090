import { expect, test } from 'vitest';
import type { Figure } from './figure.ts';
import { findingsRecord, findingsTable } from './report.ts';

const rate: Figure = {
  name: 'batches',
  unit: 'per_second',
  measured: [10_000, 30_000, 20_000],
  reference: { name: 'COPY', measured: [100_000, 100_000, 50_000] },
  goal: 0.8,
};

test('a row has the median, its reference, and the spread of the ratios', () => {
  const [, , first, second] = findingsTable([rate, { name: 'p50', unit: 'ms', measured: [3] }]).split('\n');
  expect(first?.split(/ {2,}/)).toEqual([
    'batches',
    '20,000/s',
    '100,000/s',
    'COPY',
    '0.30',
    '0.10',
    '0.40',
    '0.80',
  ]);
  expect(second?.split(/ {2,}/)).toEqual(['p50', '3.00 ms']);
});

test('the record keeps every repetition beside its reference', () => {
  expect(findingsRecord({ figures: [rate], notes: ['no row-level security'] })).toEqual({
    figures: [
      {
        name: 'batches',
        unit: 'per_second',
        goal: 0.8,
        measured: { median: 20_000, min: 10_000, max: 30_000 },
        reference: { name: 'COPY', median: 100_000, min: 50_000, max: 100_000 },
        ratio: { median: 0.3, min: 0.1, max: 0.4 },
        repetitions: [
          { measured: 10_000, reference: 100_000 },
          { measured: 30_000, reference: 100_000 },
          { measured: 20_000, reference: 50_000 },
        ],
      },
    ],
    notes: ['no row-level security'],
  });
});
