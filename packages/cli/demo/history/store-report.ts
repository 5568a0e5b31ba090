import type { EvaluationReport } from '@rlaas/schemas';
import { table } from '../../src/table.ts';
import type { StoreResult } from './store-history.ts';

/** What the history of the store says, as a table. */
export function storeReport({ thompson, estimated, random, learned, trainedOn }: StoreResult): string {
  return [
    'What would have been clicked? Clicks per 1,000 items shown, 95 % intervals in brackets',
    '',
    table(
      ['policy', 'known from', 'by', 'clicks', 'interval', 'worth', 'verdict'],
      [
        ['Thompson sampling', 'its own log', 'mean', ...cells(thompson.on_policy), '', ''],
        ...['ips', 'snips', 'dr'].map((name, index) => [
          index === 0 ? 'Thompson sampling' : '',
          index === 0 ? 'the log of the random policy' : '',
          name.toUpperCase(),
          ...cells(estimateOf(estimated, name)),
          String(Math.floor(estimated.effective_sample_size)),
          index === 0 ? verdictOf(estimated) : '',
        ]),
        ['', '', 'IPS at any time', '', interval(estimated.anytime.interval), '', ''],
        ['random', 'its own log, last 3 days', 'mean', ...cells(random.on_policy), '', ''],
        ...['snips', 'dr'].map((name, index) => [
          index === 0 ? 'v1, trained' : '',
          index === 0 ? `on ${trainedOn.toLocaleString('en-US')} of the first 4 days` : '',
          name.toUpperCase(),
          ...cells(estimateOf(learned, name)),
          String(Math.floor(learned.effective_sample_size)),
          index === 0 ? verdictOf(learned) : '',
        ]),
      ],
    ),
    '',
    '"worth": decisions of its own that the log is worth. Clicks are rare, so intervals are wide; nobody should promote v1 by this.',
  ].join('\n');
}

type Estimate = EvaluationReport['on_policy'];

function estimateOf(report: EvaluationReport, name: string): Estimate | undefined {
  return report.estimates.find(({ estimator }) => estimator === name);
}

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
