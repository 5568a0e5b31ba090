import type { EvaluationReport } from '@rlaas/schemas';
import { expect, test } from 'vitest';
import { showReport } from './show-report.ts';

const estimate = { value: 0.5, standard_error: 0.01, interval: [0.48, 0.52] as [number, number] };
const report: EvaluationReport = {
  target: { version: 'v1', checkpoint: 3 },
  reward_range: [0, 1],
  decisions: 1_234,
  used: 1_200,
  imported: 0,
  left_out: {
    open_window: 34,
    no_reward: 0,
    not_explored: 0,
    sticky_repeat: 0,
    repeated_draw: 7,
    no_propensity: 0,
    target_undefined: 0,
    unreadable: 0,
  },
  on_policy: estimate,
  estimates: [
    { estimator: 'ips', parameter: null, ...estimate },
    { estimator: 'snips', parameter: null, value: null, standard_error: null, interval: null },
    { estimator: 'switch_dr', parameter: 20, ...estimate },
    { estimator: 'dr_os', parameter: 100, ...estimate },
  ],
  anytime: { estimator: 'ips', interval: [0.4, 0.6], confidence: 0.95 },
  effective_sample_size: 321.9,
  mean_weight: 1.01,
  max_weight: 3.5,
  overlap: 0.96,
  verdict: { usable: true, reasons: [] },
  warnings: [],
  data_digest: 'a'.repeat(64),
  seconds: 1,
};

test('shows each estimate with its intervals, and what was left out', () => {
  expect(showReport(report).split('\n')).toEqual([
    'target: version v1, checkpoint 3',
    'estimator                 value   error   95 % at one look',
    '------------------------  ------  ------  ----------------',
    'log (on-policy mean)      0.5000  0.0100  [0.4800, 0.5200]',
    'IPS                       0.5000  0.0100  [0.4800, 0.5200]',
    'SNIPS                     -       -       -',
    'Switch-DR τ=20            0.5000  0.0100  [0.4800, 0.5200]',
    'DRos λ=100                0.5000  0.0100  [0.4800, 0.5200]',
    'IPS, any number of looks                  [0.4000, 0.6000]',
    expect.stringContaining('The last one holds at every look.'),
    '',
    expect.stringMatching(/^evidence/),
    expect.stringMatching(/^-+ {2}-+$/),
    expect.stringMatching(/^decisions of the period +1,234$/),
    expect.stringMatching(/^used +1,200$/),
    expect.stringMatching(/^ {2}of imports +0$/),
    expect.stringMatching(/^left out: reward still open +34$/),
    expect.stringMatching(/^left out: repeated draw +7$/),
    expect.stringMatching(/^effective sample size +321$/),
    expect.stringMatching(/^mean weight +1\.0100$/),
    expect.stringMatching(/^largest weight +3\.5000$/),
    expect.stringMatching(/^overlap +96\.0 %$/),
    `data: SHA-256 ${'a'.repeat(64)}`,
    'verdict: enough decisions speak for the target.',
  ]);
});

test('says what speaks against it', () => {
  const lines = showReport({
    ...report,
    target: { version: 'v1', checkpoint: null },
    warnings: [{ code: 'untrained', message: 'It has learned nothing.' }],
    verdict: { usable: false, reasons: [{ code: 'insufficient_sample', message: 'Too few.' }] },
  }).split('\n');
  expect(lines.at(0)).toBe('target: version v1, which has learned nothing');
  expect(lines.slice(-2)).toEqual([
    'warning: It has learned nothing.',
    'verdict: refused. Too few. Decide nothing by these numbers.',
  ]);
});
