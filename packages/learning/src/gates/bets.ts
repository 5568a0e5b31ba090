import type { UnitOdds } from './unit-odds.ts';

/** What a test is about, and what is expected of it; frozen when it starts. */
export interface Stake {
  /**
   * Added to each bet: how much worse the candidate may be, rescaled to [0, 1]. Negative: how much better it has to
   * be before it counts.
   */
  readonly margin: number;
  /** Mean of what is gained, in [0, 1]: what is usual costs nothing then. */
  readonly centre: number;
  /** Standard deviation of what is gained, greater than 0. */
  readonly deviation: number;
}

/** Differences, in standard deviations, that the four bets are made for. */
const DIFFERENCES = [0.03, 0.06, 0.12, 0.24] as const;
export const BETS = DIFFERENCES.length;
const LEAST_DEVIATION = 0.01;

/** Means over earlier units. */
export type UsualOdds = Pick<UnitOdds, 'spread' | 'high' | 'low'>;
type Bounds = Pick<UnitOdds, 'high' | 'low' | 'missCandidate' | 'missIncumbent'>;

/**
 * Four bets on the candidate gaining more than the incumbent, by `margin`:
 * z = d·(g − c) + margin − c·miss_cand − (1 − c)·miss_inc, at sizes λ_j = δ_j σ / (σ² V̄ + δ_j² σ²).
 * E[z | past] ≤ 0 as long as the candidate is worse by the margin or more, so each Π(1 + λ_j z) is a fair game at best
 * (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024).
 *
 * λ_j depends on earlier units alone: it is at most ½ ÷ what was usual to lose. Were it lowered for just the units that
 * can lose more, contexts would be weighed by it, and a candidate that loses just there would look good. Such a unit is
 * centred lower or higher instead: any c that is known before the draw keeps E[z], since E[d] is what the misses say.
 * There always is one with 1 + λ z ≥ ½, as long as λ ≤ ½/(1 − margin): in shadow d ≥ −1, in canary d ≤ 1/s and
 * −d ≤ 1/(1 − s).
 */
export class Bets {
  /** 1 + λ_j z of the last unit. */
  readonly factors = new Float64Array(BETS).fill(1);
  readonly #stake: Stake;
  readonly #deviation: number;

  constructor(stake: Stake) {
    this.#stake = stake;
    this.#deviation = Math.max(stake.deviation, LEAST_DEVIATION);
  }

  /**
   * Bets on a unit, into `factors`.
   * @param gain what was gained, in [0, 1]
   * @param usual what earlier units were like
   */
  make(odds: UnitOdds, gain: number, usual: UsualOdds): void {
    if (!(gain >= 0 && gain <= 1)) throw new RangeError(`a gain of ${gain} is not in [0, 1]`);
    const { difference, missCandidate, missIncumbent } = odds;
    this.#bet(odds, usual, (c) => difference * (gain - c) - c * missCandidate - (1 - c) * missIncumbent);
  }

  /**
   * Bets on a unit of which the beginning is known and nothing of how it went on, neither what was gained nor how often
   * both would have done it: as much is lost as can be.
   */
  makeUnknown(odds: UnitOdds, usual: UsualOdds): void {
    const unknown = { ...odds, low: Math.max(odds.low, 1) };
    this.#bet(odds, usual, (c) => -lossOf(unknown, c));
  }

  /** @param gainedOver what was gained more than by the other, when `c` is subtracted from what is gained */
  #bet(odds: UnitOdds, usual: UsualOdds, gainedOver: (c: number) => number): void {
    const { margin, centre } = this.#stake;
    const variance = this.#deviation * this.#deviation;
    // Where a weight is cut no more than 1 can be lost, and whether it is was known before the draw.
    const most = odds.cut === undefined ? lossOf({ ...NOTHING_MISSED, ...usual }, centre) : 1;
    const largest = 0.5 / Math.max(most - margin, 1 - margin);
    for (const [index, difference] of DIFFERENCES.entries()) {
      const wanted =
        (difference * this.#deviation) / (variance * usual.spread + difference * difference * variance);
      const size = Math.min(wanted, largest);
      const c = centreOf(odds, centre, 0.5 / size + margin);
      this.factors[index] = 1 + size * (gainedOver(c) + margin);
    }
  }
}

const NOTHING_MISSED = { missCandidate: 0, missIncumbent: 0 };

/** The most that can be lost on a unit but for the margin, when `c` is subtracted from what is gained. */
function lossOf({ high, low, missCandidate, missIncumbent }: Bounds, c: number): number {
  return Math.max(high * c, low * (1 - c)) + c * missCandidate + (1 - c) * missIncumbent;
}

/**
 * What is subtracted from the gain of a unit. Where a weight was cut it is the gain with which being cut only hurts:
 * (min(w, W) − 1)·g for the candidate's, (min(w, W) − 1)·(1 − g) for the incumbent's. Neither loses more than 1.
 */
function centreOf(odds: UnitOdds, centre: number, most: number): number {
  if (odds.cut === 'candidate') return 0;
  if (odds.cut === 'incumbent') return 1;
  return centreWithin(odds, centre, most);
}

/** The centre nearest to `centre` with which no more than `most` can be lost. */
function centreWithin(odds: Bounds, centre: number, most: number): number {
  const { high, low, missCandidate, missIncumbent } = odds;
  // What can be lost is the higher of two lines, given here by where they begin (c = 0) and end (c = 1).
  const [from, to] = [
    belowOn(missIncumbent, high + missCandidate, most),
    belowOn(low + missIncumbent, missCandidate, most),
  ];
  const [least, largest] = [Math.max(from[0], to[0]), Math.min(from[1], to[1])];
  return Math.min(Math.max(centre, least), largest);
}

/** Where in [0, 1] the line from `begin` to `end` is not above `most`. */
function belowOn(begin: number, end: number, most: number): readonly [number, number] {
  if (begin <= most && end <= most) return [0, 1];
  const crossing = Math.min(Math.max((most - begin) / (end - begin), 0), 1);
  return begin <= most ? [0, crossing] : [crossing, 1];
}
