import type { EvaluationReport } from '@rlaas/schemas';
import { table } from '../../src/table.ts';
import type { StoreResult } from './store-history.ts';

/** What the history of the store says, as a table. */
export function storeReport({ thompson, estimated, random, learned, trainedOn }: StoreResult): string {
  const trained = `on ${trainedOn.toLocaleString('en-US')} of the first 4 days`;
  return [
    'What would have been clicked? Clicks per 1,000 items shown, 95 % intervals in brackets',
    '',
    table(
      ['policy', 'known from', 'by', 'clicks', 'interval', 'worth', 'verdict'],
      [
        ['Thompson sampling', 'its own log', 'mean', ...cells(thompson.on_policy), '', ''],
        estimateRow('Thompson sampling', 'the log of the random policy', estimated, 'ips'),
        estimateRow('', '', estimated, 'snips'),
        estimateRow('', '', estimated, 'dr'),
        ['', '', 'IPS at any time', '', interval(estimated.anytime.interval), '', ''],
        ['random', 'its own log, last 3 days', 'mean', ...cells(random.on_policy), '', ''],
        estimateRow('v1, trained', trained, learned, 'snips'),
        estimateRow('', '', learned, 'dr'),
      ],
    ),
    '',
    '"worth": decisions of its own that the log is worth. Clicks are rare, so intervals are wide; nobody should promote v1 by this.',
  ].join('\n');
}

function estimateRow(policy: string, from: string, report: EvaluationReport, name: string): string[] {
  const [clicks, bounds] = cells(report.estimates.find(({ estimator }) => estimator === name));
  const worth = String(Math.floor(report.effective_sample_size));
  return [policy, from, name.toUpperCase(), clicks, bounds, worth, policy === '' ? '' : verdictOf(report)];
}

type Estimate = EvaluationReport['on_policy'];

function cells(estimate: Estimate | undefined): [string, string] {
  return [
    estimate?.value === null || estimate === undefined ? '–' : perThousand(estimate.value),
    estimate?.interval ? interval(estimate.interval) : '',
  ];
}

function verdictOf({ verdict }: EvaluationReport): string {
  return verdict.usable ? 'usable' : verdict.reasons.map(({ code }) => code).join(', ');
}

function interval([low, high]: readonly [number, number]): string {
  return `[${perThousand(low)}, ${perThousand(high)}]`;
}

function perThousand(value: number): string {
  return (value * 1_000).toFixed(1);
}
