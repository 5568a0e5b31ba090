import { type EstimatorSums, SHRINKAGES, SWITCH_LIMITS } from './estimator-sums.ts';
import { choose } from './slope.ts';
import { studentQuantile } from './student-t.ts';

/** An estimated value of the target policy, with an interval that is valid when it is looked at once. */
export interface Estimate {
  value: number;
  /** Standard error. */
  error: number;
  /** Half of the width of the 95 % interval by Student's t. */
  halfWidth: number;
}

/** What the logged decisions say about the target policy. */
export interface Estimates {
  n: number;
  /** (Σw)²/Σw²: decisions of its own that the log is worth. */
  effective: number;
  largestWeight: number;
  meanWeight: number;
  /** Share of what the target would do that is logged often enough, in [0, 1]. */
  overlap: number;
  /** Mean reward of the log itself. */
  logged: Estimate;
  ips: Estimate;
  snips: Estimate;
  dm: Estimate;
  dr: Estimate;
  sndr: Estimate;
  /** With the largest weight that counts. */
  switchDr: Estimate & { limit: number };
  /** With the shrinkage that was chosen. */
  drOs: Estimate & { shrinkage: number };
  /** Why nothing should be concluded; `undefined`: nothing speaks against it. */
  refused: { reason: 'insufficient_sample' | 'insufficient_overlap'; message: string } | undefined;
}

/** Decisions of its own that a log must be worth. */
const LEAST_EFFECTIVE = 200;
const LEAST_OVERLAP = 0.95;

/**
 * All estimators, from their sums. IPS: Horvitz and Thompson 1952; SNIPS: Swaminathan and Joachims 2015; DR: Dudík,
 * Langford and Li 2011; Switch-DR: Wang, Agarwal and Dudík 2017; DRos: Su, Dimakopoulou, Krishnamurthy and Dudík 2020;
 * limits and shrinkage by SLOPE++.
 * @throws RangeError when there are no rows
 */
export function estimate(sums: EstimatorSums): Estimates {
  const { n } = sums;
  if (n === 0) throw new RangeError('there is nothing to estimate from');
  const [w, ww, we] = [sums.of('w'), sums.of('ww'), sums.of('we')];
  const effective = ww === 0 ? 0 : (w * w) / ww;
  const overlap = 1 - sums.of('uncovered') / n;
  const switched = choose(
    sums.switched.map((pair, index) => ({
      ...meanOf(n, pair.sum.value, pair.squares.value),
      limit: SWITCH_LIMITS[index] ?? 0,
    })),
  );
  const shrunk = choose(
    sums.shrunk.map((pair, index) => ({
      ...meanOf(n, pair.sum.value, pair.squares.value),
      shrinkage: SHRINKAGES[index] ?? 0,
    })),
  );
  return {
    n,
    effective,
    largestWeight: sums.largestWeight,
    meanWeight: w / n,
    overlap,
    logged: meanOf(n, sums.of('r'), sums.of('rr')),
    ips: meanOf(n, sums.of('wr'), sums.of('wwrr')),
    snips: snipsOf(sums),
    dm: meanOf(n, sums.of('q'), sums.of('qq')),
    dr: meanOf(n, sums.of('dr'), sums.of('drdr')),
    sndr: sndrOf(sums, we),
    switchDr: switched,
    drOs: shrunk,
    refused: refusalOf(effective, overlap),
  };
}

function meanOf(n: number, sum: number, squares: number): Estimate {
  const variance = n < 2 ? Number.POSITIVE_INFINITY : Math.max(0, squares - (sum * sum) / n) / (n - 1);
  return withError(n, sum / n, Math.sqrt(variance / n));
}

/** By the delta method: Σ w²(r − θ)² / (Σw)². */
function snipsOf(sums: EstimatorSums): Estimate {
  const { n } = sums;
  const w = sums.of('w');
  if (w === 0) return { value: Number.NaN, error: Number.NaN, halfWidth: Number.NaN };
  const value = sums.of('wr') / w;
  const squares = sums.of('wwrr') - 2 * value * sums.of('wwr') + value * value * sums.of('ww');
  return withError(n, value, Math.sqrt((Math.max(0, squares) / (w * w)) * (n / Math.max(1, n - 1))));
}

/** q̄ + Σwe/Σw; its influence is q − q̄ + w(e − Σwe/Σw)/w̄. */
function sndrOf(sums: EstimatorSums, we: number): Estimate {
  const { n } = sums;
  const w = sums.of('w');
  if (w === 0) return { value: Number.NaN, error: Number.NaN, halfWidth: Number.NaN };
  const q = sums.of('q') / n;
  const correction = we / w;
  const scale = n / w;
  const own = sums.of('qq') - n * q * q;
  const corrected =
    sums.of('wwee') - 2 * correction * sums.of('wwe') + correction * correction * sums.of('ww');
  const both = sums.of('qwe') - correction * sums.of('qw') - q * (we - correction * w);
  const squares = own + scale * scale * corrected + 2 * scale * both;
  return withError(n, q + correction, Math.sqrt(Math.max(0, squares) / (n * Math.max(1, n - 1))));
}

function withError(n: number, value: number, error: number): Estimate {
  return { value, error, halfWidth: n < 2 ? Number.POSITIVE_INFINITY : error * studentQuantile(0.05, n - 1) };
}

function refusalOf(effective: number, overlap: number): Estimates['refused'] {
  if (effective < LEAST_EFFECTIVE) {
    return {
      reason: 'insufficient_sample',
      message: `The log is worth ${Math.floor(effective)} decisions of the target; it takes ${LEAST_EFFECTIVE}.`,
    };
  }
  if (overlap < LEAST_OVERLAP) {
    return {
      reason: 'insufficient_overlap',
      message: `${(overlap * 100).toFixed(1)} % of what the target would do is logged often enough; it takes ${LEAST_OVERLAP * 100} %.`,
    };
  }
  return undefined;
}
