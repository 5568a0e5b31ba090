import { type Estimate, estimate } from '@rlaas/learning';
import type { EvaluatedTarget, EvaluationReport } from '@rlaas/schemas';
import type { FoundDecisions } from '../store/evaluated-decisions.ts';
import type { EvaluationTally } from './evaluation-tally.ts';

/** Chance of the interval that is valid at every look to be wrong at any of them. */
const ALPHA = 0.05;

/** What is known beside the tally. */
export interface ReportFacts {
  target: EvaluatedTarget;
  range: [number, number];
  found: FoundDecisions;
  /** Decisions of the period that the version had learned. */
  learned: number;
  digest: string;
  seconds: number;
}

/** @param tally of one decision or more */
export function reportOf(tally: EvaluationTally, facts: ReportFacts): EvaluationReport {
  const { range, found } = facts;
  const estimates = estimate(tally.sums);
  const { refused } = estimates;
  const [least, largest] = range;
  const inRange = (share: number): number => (1 - share) * least + share * largest;
  const [lower, upper] = tally.interval.bounds(ALPHA);
  const plain = { parameter: null };
  return {
    target: facts.target,
    reward_range: range,
    decisions: found.decisions,
    used: estimates.n,
    imported: tally.imported,
    left_out: { open_window: found.openWindows, no_reward: found.withoutReward, ...tally.leftOut },
    on_policy: shown(estimates.logged),
    estimates: [
      { estimator: 'ips', ...shown(estimates.ips), ...plain },
      { estimator: 'snips', ...shown(estimates.snips), ...plain },
      { estimator: 'dm', ...shown(estimates.dm), ...plain },
      { estimator: 'dr', ...shown(estimates.dr), ...plain },
      { estimator: 'sndr', ...shown(estimates.sndr), ...plain },
      { estimator: 'switch_dr', ...shown(estimates.switchDr), parameter: estimates.switchDr.limit },
      { estimator: 'dr_os', ...shown(estimates.drOs), parameter: estimates.drOs.shrinkage },
    ],
    anytime: { estimator: 'ips', interval: [inRange(lower), inRange(upper)], confidence: 1 - ALPHA },
    effective_sample_size: estimates.effective,
    mean_weight: estimates.meanWeight,
    max_weight: estimates.largestWeight,
    overlap: Math.min(1, Math.max(0, estimates.overlap)),
    verdict: {
      usable: !refused,
      reasons: refused ? [{ code: refused.reason, message: refused.message }] : [],
    },
    warnings: warningsOf(tally, facts),
    data_digest: facts.digest,
    seconds: facts.seconds,
  };
}

/** What cannot be said with the decisions that there are is null. */
function shown({ value, error, halfWidth }: Estimate) {
  const hasError = Number.isFinite(value) && Number.isFinite(error) && Number.isFinite(halfWidth);
  return {
    value: Number.isFinite(value) ? value : null,
    standard_error: hasError ? error : null,
    interval: hasError ? ([value - halfWidth, value + halfWidth] as [number, number]) : null,
  };
}

function warningsOf(tally: EvaluationTally, { target, learned }: ReportFacts): EvaluationReport['warnings'] {
  const warnings: EvaluationReport['warnings'] = [];
  if (learned > 0) {
    warnings.push({
      code: 'in_sample',
      count: learned,
      message: `The checkpoint learned ${learned} decisions of the period: on these it looks better than it is. Take a period that it has not learned, or \`logged\`.`,
    });
  }
  if ('version' in target && target.checkpoint === null) {
    warnings.push({
      code: 'untrained',
      message: `Version "${target.version}" has no checkpoint: it is scored as it begins.`,
    });
  }
  if (tally.partial > 0) {
    warnings.push({
      code: 'partial_probabilities',
      count: tally.partial,
      message: `Of ${tally.partial} imported decisions only the propensity is known: whether the target would do what the log hardly ever tries is seen there in the chosen action, and in what is left for all others.`,
    });
  }
  return warnings;
}
