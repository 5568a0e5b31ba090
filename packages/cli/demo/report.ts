import type { RolloutDetails } from '@rlaas/schemas';
import { table } from '../src/table.ts';
import type { LiveResult, SeenStep } from './live/live-loop.ts';

/** What the live loop came to, as one table for each question that people ask. */
export function liveReport(result: LiveResult, exploration: number): string {
  const { accuracy, v1, v2 } = result;
  const explored = `${percent(exploration)} of all decisions explore`;
  return [
    'How often is the answer right?',
    '',
    table(
      ['who decides', 'right', ''],
      [
        ['the baseline, explored', percent(accuracy.baseline), `always says 0; ${explored}`],
        ['v1, active', percent(accuracy.active), `learned from the log of the baseline; ${explored}`],
        ['v2, broken', share(v2.right, v2.decisions), `${v2.decisions} decisions until it was taken back`],
        ['v1, after that', percent(accuracy.after), ''],
      ],
    ),
    '',
    'What moved, after how many decisions, and by which evidence',
    '',
    table(
      ['version', 'became', 'share', 'decisions', 'units', 'evidence', 'because'],
      [...v1.steps, ...v2.steps].map(stepLine),
    ),
    '',
    ...estimateLines(v1.rollout),
    `The chance that v1 was promoted though it is not better was ${percent(v1.rollout.alpha)} at most, however often one looked.`,
    rollbackLine(result),
  ].join('\n');
}

function stepLine({ decisions, rollout }: SeenStep): string[] {
  const step = rollout.transitions.at(-1);
  const evidence = step?.evidence;
  return [
    rollout.version,
    rollout.outcome ?? step?.to.stage ?? rollout.stage,
    percent(step?.to.share ?? rollout.share),
    String(decisions),
    evidence ? String(evidence.units) : '',
    evidenceOf(rollout),
    step?.reason === null || step?.reason === undefined
      ? (step?.cause ?? '')
      : `${step.cause}: ${step.reason}`,
  ];
}

/** The figure that decided the step, beside what it takes. */
function evidenceOf(rollout: RolloutDetails): string {
  const step = rollout.transitions.at(-1);
  const evidence = step?.evidence;
  if (!step || !evidence) return '';
  if (step.cause === 'rollback_process') return against(evidence.rollback);
  if (step.cause === 'change_detector')
    return `${short(evidence.change.sum)} of ${short(evidence.change.threshold)}`;
  if (step.cause !== 'gate') return '';
  return against(step.to.stage === 'active' ? evidence.improve : evidence.promote);
}

function against({ log_wealth: log, threshold }: { log_wealth: number; threshold: number }): string {
  return `${short(Math.exp(log))} of ${short(Math.exp(threshold))}`;
}

function rollbackLine({ v2 }: LiveResult): string {
  return v2.lastAfterMs <= 0
    ? 'No decision was asked of v2 after its rollback.'
    : `The last decision by v2 was asked ${v2.lastAfterMs} ms after its rollback.`;
}

/** What was known of v1 when it got all the traffic. */
function estimateLines(rollout: RolloutDetails): string[] {
  const step = rollout.transitions.find(({ to }) => to.stage === 'active');
  const estimate = step?.evidence?.estimate;
  if (!estimate) return [];
  const of = (value: number, [low, high]: readonly [number, number]): string =>
    `${percent(value)} [${percent(low)}, ${percent(high)}]`;
  return [
    `When v1 became active, the log said of all decisions since its start: v1 ${of(estimate.candidate, estimate.candidate_interval)}, the baseline ${of(estimate.incumbent, estimate.incumbent_interval)} right.`,
    'Intervals are confidence sequences: 95 %, at all looks together.',
  ];
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : percent(part / whole);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function short(value: number): string {
  return value >= 1e5 ? value.toExponential(1) : value.toFixed(1);
}
