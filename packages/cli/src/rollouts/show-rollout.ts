import type { Rollout, RolloutDetails, RolloutEvidence } from '@rlaas/schemas';
import { table } from '../table.ts';

/** Rollouts as lines of a table. */
export function listRollouts(rollouts: readonly Rollout[]): string {
  return table(
    ['policy', 'version', 'against', 'stage', 'share', 'units', 'waits for'],
    rollouts.map((rollout) => [
      rollout.policy,
      rollout.version,
      rollout.incumbent,
      rollout.outcome ?? rollout.stage,
      percent(rollout.share),
      String(rollout.evidence?.units ?? 0),
      rollout.waiting_for.map(({ code }) => code).join(', '),
    ]),
  );
}

/** Everything of a rollout that a person decides by. */
export function showRollout(rollout: RolloutDetails): string {
  const { evidence } = rollout;
  const parts = [
    `${rollout.policy}/${rollout.version} against ${rollout.incumbent}: ${rollout.outcome ?? rollout.stage}, share ${percent(rollout.share)} (start ${rollout.start}, revision ${rollout.revision}, rollout ${rollout.id})`,
  ];
  if (evidence) parts.push('', showEvidence(evidence, rollout));
  if (rollout.waiting_for.length > 0) {
    parts.push('', 'It waits:', ...rollout.waiting_for.map(({ message }) => `  - ${message}`));
  }
  parts.push('', stepsOf(rollout));
  return parts.join('\n');
}

/** The tests, how far each is, and what the figures mean. */
function showEvidence(evidence: RolloutEvidence, { alpha, transitions }: RolloutDetails): string {
  const test = (
    what: string,
    { log_wealth: log, threshold, fired }: RolloutEvidence['promote'],
  ): string[] => [what, wealth(log), wealth(threshold), fired ? 'shown' : 'not shown'];
  const rows = [
    test('it is not worse by the margin', evidence.promote),
    test('it is better', evidence.improve),
    test('it is worse by the margin of rollbacks', evidence.rollback),
    [
      'it has become worse',
      short(evidence.change.sum),
      short(evidence.change.threshold),
      evidence.change.fired ? 'shown' : 'not shown',
    ],
    ...Object.entries(evidence.guardrails).map(([name, { sum, threshold, fired }]) => [
      `guardrail ${name}`,
      short(sum),
      short(threshold),
      fired ? 'broke' : sum === 0 ? 'nothing known' : 'holds',
    ]),
  ];
  const isApproved = transitions.some(({ cause }) => cause === 'approval');
  const uncounted = Object.entries(evidence.uncounted).map(([reason, count]) => `${count} ${reason}`);
  return [
    table(['claim', 'evidence', 'enough', ''], rows),
    '',
    `${evidence.units} units, ${evidence.left_out} of them without a reward; in shadow worth ${Math.floor(evidence.effective_units)} of the candidate's own${uncounted.length > 0 ? `; not counted: ${uncounted.join(', ')}` : ''}`,
    ...meansOf(evidence),
    `All of this holds however often one looks: intervals with 95 %, and the chance of a false promotion is ${percent(alpha)} at most.${isApproved ? ' Steps that were approved were not shown by it.' : ''}`,
  ].join('\n');
}

function meansOf({ estimate, mean_reward: means }: RolloutEvidence): string[] {
  const lines: string[] = [];
  if (estimate) {
    lines.push(
      `estimated mean reward: candidate ${estimate.candidate.toFixed(4)} ${interval(estimate.candidate_interval)}, incumbent ${estimate.incumbent.toFixed(4)} ${interval(estimate.incumbent_interval)}`,
    );
  }
  if (means.candidate !== null && means.incumbent !== null) {
    lines.push(
      `mean reward while they shared: candidate ${means.candidate.toFixed(4)}, incumbent ${means.incumbent.toFixed(4)}`,
    );
  }
  return lines;
}

function stepsOf({ transitions }: RolloutDetails): string {
  return table(
    ['#', 'time', 'to', 'share', 'because', 'by'],
    transitions.map(({ number, at, to, cause, reason, actor }) => [
      String(number),
      at,
      to.stage,
      percent(to.share),
      reason === null ? cause : `${cause}: ${reason}`,
      actor ?? 'the tests',
    ]),
  );
}

function interval([low, high]: readonly [number, number]): string {
  return `[${low.toFixed(4)}, ${high.toFixed(4)}]`;
}

/** A wealth from its logarithm. */
function wealth(log: number): string {
  return short(Math.exp(log));
}

function short(value: number): string {
  return value >= 1e6 || (value > 0 && value < 0.01) ? value.toExponential(1) : value.toFixed(2);
}

/** A share as people read it. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
