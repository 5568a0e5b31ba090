/**
 * What is known of a unit before its reward: how much more often the candidate than the incumbent would have done what
 * was done, as a multiple of how often it was done.
 */
export interface UnitOdds {
  /** d = (π_cand(a) − π_inc(a)) / p(a) of what was done; its mean over the draw is `missIncumbent − missCandidate`. */
  readonly difference: number;
  /** Largest d that could have come, at least 0. */
  readonly high: number;
  /** Largest −d that could have come, at least 0. */
  readonly low: number;
  /** Σ (π_cand − π_inc)² / p over what could be done: the variance of d. */
  readonly spread: number;
  /** What the candidate would do, and was impossible: Σ π_cand over p = 0. */
  readonly missCandidate: number;
  /** The same of the incumbent; only when the candidate decides alone. */
  readonly missIncumbent: number;
  /**
   * Whose weight was cut, so that d has another mean than it should: whatever is tested, only what this version lacks
   * because of it may be counted.
   */
  readonly cut: 'candidate' | 'incumbent' | undefined;
}

/** The two versions at one draw: probabilities of the same actions, each in [0, 1] and summing to 1. */
export interface Draw {
  readonly candidate: readonly number[];
  readonly incumbent: readonly number[];
  /** Index of what was chosen. */
  readonly chosen: number;
}

/** What is drawn more rarely is as good as never drawn: divided by it, everything else is lost in a double. */
const NEVER = 1e-12;

/**
 * Odds of a decision. What has no probability to speak of is counted as impossible, also when it came.
 * @param share probability with which the candidate decided, in [0, 1]: 0 in shadow, 1 when it is active
 * @throws RangeError when what was chosen had no probability
 */
export function oddsOfDecision({ candidate, incumbent, chosen }: Draw, share: number): UnitOdds {
  let [high, low, spread, missCandidate, missIncumbent] = [0, 0, 0, 0, 0];
  for (const [action, ofCandidate] of candidate.entries()) {
    const ofIncumbent = incumbent[action] ?? 0;
    const p = share * ofCandidate + (1 - share) * ofIncumbent;
    if (p > NEVER) {
      const d = (ofCandidate - ofIncumbent) / p;
      high = Math.max(high, d);
      low = Math.max(low, -d);
      spread += d * d * p;
    } else {
      missCandidate += ofCandidate;
      missIncumbent += ofIncumbent;
    }
  }
  const [c, i] = [candidate[chosen] ?? 0, incumbent[chosen] ?? 0];
  const p = share * c + (1 - share) * i;
  if (!(p > 0)) throw new RangeError(`action ${chosen} was chosen with probability ${p}`);
  return {
    difference: p > NEVER ? (c - i) / p : 0,
    high,
    low,
    spread,
    missCandidate,
    missIncumbent,
    cut: undefined,
  };
}

/**
 * Odds of an episode whose version was drawn once: (Π π_cand − Π π_inc) / (s Π π_cand + (1 − s) Π π_inc). Its draws are
 * not listed, so the bounds are those of any episode: 1/s and 1/(1 − s).
 * @param share probability with which the candidate got the episode, in (0, 1)
 */
export function oddsOfSharedEpisode(draws: readonly Draw[], share: number): UnitOdds {
  // Relative to each other: products of a long episode are too small to be told from 0.
  let logRatio = 0;
  for (const { candidate, incumbent, chosen } of draws) {
    logRatio += Math.log(candidate[chosen] ?? 0) - Math.log(incumbent[chosen] ?? 0);
  }
  if (Number.isNaN(logRatio)) throw new RangeError('neither version could have done what was done');
  const difference =
    logRatio <= 0
      ? Math.expm1(logRatio) / (share * Math.exp(logRatio) + (1 - share))
      : -Math.expm1(-logRatio) / (share + (1 - share) * Math.exp(-logRatio));
  // For decisions that agree this is far too much; the spread only sets the size of bets.
  const spread = difference * difference;
  return {
    difference,
    high: 1 / share,
    low: 1 / (1 - share),
    spread,
    missCandidate: 0,
    missIncumbent: 0,
    cut: undefined,
  };
}

/**
 * Odds of an episode whose actions were drawn one by one by the same version: min(Π w, most) − 1 where that is the
 * incumbent (shadow), 1 − min(Π w, most) where it is the candidate (active). Weights of long episodes are enormous and
 * rare, so they are cut; that only makes the version that did not decide look worse.
 * @param most largest weight that counts, at least 1
 */
export function oddsOfDrawnEpisode(
  draws: readonly Draw[],
  most: number,
  by: 'candidate' | 'incumbent',
): UnitOdds {
  const other = by === 'incumbent' ? 'candidate' : 'incumbent';
  let logWeight = 0;
  for (const draw of draws) {
    const { chosen } = draw;
    const p = draw[by][chosen] ?? 0;
    if (!(p > 0)) throw new RangeError(`action ${chosen} was chosen with probability ${p}`);
    logWeight += Math.log(draw[other][chosen] ?? 0) - Math.log(p);
  }
  const more = Math.min(Math.exp(logWeight), most) - 1;
  return {
    difference: by === 'incumbent' ? more : -more,
    high: by === 'incumbent' ? most - 1 : 1,
    low: by === 'incumbent' ? 1 : most - 1,
    spread: more * more,
    missCandidate: 0,
    missIncumbent: 0,
    cut: other,
  };
}

/**
 * Odds by who decided, whatever was done: 1/s for the candidate, −1/(1 − s) for the incumbent. It sees also what a
 * version does to its serving.
 * @param share probability with which the candidate decided, in (0, 1)
 */
export function oddsByVersion(isCandidate: boolean, share: number): UnitOdds {
  return {
    difference: isCandidate ? 1 / share : -1 / (1 - share),
    high: 1 / share,
    low: 1 / (1 - share),
    spread: 1 / (share * (1 - share)),
    missCandidate: 0,
    missIncumbent: 0,
    cut: undefined,
  };
}
