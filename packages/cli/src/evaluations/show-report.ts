import type { EvaluatedTarget, EvaluationReport } from '@rlaas/schemas';
import { table } from '../table.ts';

type Estimate = EvaluationReport['on_policy'];

const number = new Intl.NumberFormat('en');
const LABELS: Readonly<Record<EvaluationReport['estimates'][number]['estimator'], string>> = {
  ips: 'IPS',
  snips: 'SNIPS',
  dm: 'DM',
  dr: 'DR',
  sndr: 'SNDR',
  switch_dr: 'Switch-DR',
  dr_os: 'DRos',
};
const REASONS: Readonly<Record<keyof EvaluationReport['left_out'], string>> = {
  open_window: 'reward still open',
  no_reward: 'without reward',
  not_explored: 'not explored',
  sticky_repeat: 'sticky repeat',
  repeated_draw: 'repeated draw',
  no_propensity: 'without propensity',
  target_undefined: 'target undefined',
  unreadable: 'unreadable or gone',
};

/** What an evaluation found, for a person: tables, what their intervals mean, and what speaks against it. */
export function showReport(report: EvaluationReport): string {
  const [lower, upper] = report.anytime.interval;
  const values = table(
    ['estimator', 'value', 'error', '95 % at one look'],
    [
      ['log (on-policy mean)', ...cellsOf(report.on_policy)],
      ...report.estimates.map((estimate) => [
        LABELS[estimate.estimator] +
          (estimate.parameter === null
            ? ''
            : ` ${estimate.estimator === 'dr_os' ? 'λ' : 'τ'}=${estimate.parameter}`),
        ...cellsOf(estimate),
      ]),
      ['IPS, any number of looks', '', '', `[${shown(lower)}, ${shown(upper)}]`],
    ],
  );
  const meaning =
    'Each interval but the last holds for data that are looked at once; looked at again while rewards come in, it is wrong more often than 5 % of the time. The last one holds at every look.';
  return [
    `target: ${describe(report.target)}`,
    values,
    meaning,
    '',
    table(['evidence', ''], evidenceOf(report)),
    `data: SHA-256 ${report.data_digest}`,
    ...report.warnings.map(({ message }) => `warning: ${message}`),
    report.verdict.usable
      ? 'verdict: enough decisions speak for the target.'
      : `verdict: refused. ${report.verdict.reasons.map(({ message }) => message).join(' ')} Decide nothing by these numbers.`,
  ].join('\n');
}

function evidenceOf(report: EvaluationReport): string[][] {
  const reasons = Object.keys(REASONS) as (keyof typeof REASONS)[];
  return [
    ['decisions of the period', number.format(report.decisions)],
    ['used', number.format(report.used)],
    ['  of imports', number.format(report.imported)],
    ...reasons
      .filter((reason) => report.left_out[reason] > 0)
      .map((reason) => [`left out: ${REASONS[reason]}`, number.format(report.left_out[reason])]),
    ['effective sample size', number.format(Math.floor(report.effective_sample_size))],
    ['mean weight', shown(report.mean_weight)],
    ['largest weight', shown(report.max_weight)],
    ['overlap', `${(report.overlap * 100).toFixed(1)} %`],
  ];
}

function describe(target: EvaluatedTarget): string {
  if ('version' in target) {
    return `version ${target.version}, ${target.checkpoint === null ? 'which has learned nothing' : `checkpoint ${target.checkpoint}`}`;
  }
  if ('baseline' in target) return `the baseline, exploration ${target.baseline.exploration}`;
  if ('logged' in target) return `version ${target.logged}, as it was logged`;
  if ('logging' in target) return 'what decided itself';
  return 'by' in target.declared ? `declared, by ${target.declared.by}` : 'declared';
}

function cellsOf({ value, standard_error: error, interval }: Estimate): [string, string, string] {
  return [
    value === null ? '-' : shown(value),
    error === null ? '-' : shown(error),
    interval === null ? '-' : `[${shown(interval[0])}, ${shown(interval[1])}]`,
  ];
}

function shown(value: number): string {
  return value.toFixed(4);
}
