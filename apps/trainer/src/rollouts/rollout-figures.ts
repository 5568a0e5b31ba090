import type { StoredRollout } from '../store/rollouts.ts';
import { progressOf, stepOf } from './rollout-worker.ts';

/** What operators want to see of a rollout that goes on. */
export interface RolloutFigures {
  policy: string;
  version: string;
  stage: string;
  share: number;
  units: number;
  leftOut: number;
  uncounted: Readonly<Record<string, number>>;
  /** How far each test has come, by its name: 0 says nothing yet, 1 is shown. */
  evidence: Readonly<Record<string, number>>;
  /** Mean rewards of both and their bounds, which hold at every look; `undefined`: there is no unit yet. */
  estimates: readonly { of: 'candidate' | 'incumbent'; mean: number; low: number; high: number }[];
  /** Codes of what it waits for. */
  waitingFor: readonly string[];
}

/** @param now milliseconds since 1970 */
export function figuresOf(rollout: StoredRollout, now: number): RolloutFigures {
  const progress = progressOf(rollout);
  const { evidence } = progress;
  const step = stepOf(rollout, progress, now);
  const estimate = evidence.estimate;
  return {
    policy: rollout.policy,
    version: rollout.version,
    stage: rollout.stage,
    share: rollout.share,
    units: evidence.units,
    leftOut: evidence.left_out,
    uncounted: evidence.uncounted,
    evidence: {
      promote: ofWealth(evidence.promote),
      improve: ofWealth(evidence.improve),
      rollback: ofWealth(evidence.rollback),
      change: ofSum(evidence.change),
      'sample ratio': ofWealth(evidence.sample_ratio),
      'left out': ofWealth(evidence.left_out_watch),
      ...Object.fromEntries(
        Object.entries(evidence.guardrails).map(([name, sum]) => [`guardrail ${name}`, ofSum(sum)] as const),
      ),
    },
    estimates: estimate
      ? [
          { of: 'candidate', mean: estimate.candidate, ...bounds(estimate.candidate_interval) },
          { of: 'incumbent', mean: estimate.incumbent, ...bounds(estimate.incumbent_interval) },
        ]
      : [],
    waitingFor: 'waitingFor' in step ? step.waitingFor.map(({ code }) => code) : [],
  };
}

interface Test {
  readonly threshold: number;
  /** What was shown once stays shown, whatever the sums are now. */
  readonly fired: boolean;
}

function ofWealth({ log_wealth: log, threshold, fired }: Test & { log_wealth: number }): number {
  return fired ? 1 : Math.min(Math.max(log / threshold, 0), 1);
}

/** Sums grow by factors, so their logarithm is how far they are. */
function ofSum({ sum, threshold, fired }: Test & { sum: number }): number {
  return fired ? 1 : Math.min(Math.log1p(sum) / Math.log1p(threshold), 1);
}

function bounds([low, high]: readonly [number, number]): { low: number; high: number } {
  return { low, high };
}
