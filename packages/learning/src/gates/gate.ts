import { Bets, type Stake, type UsualOdds } from './bets.ts';
import { ChangeDetector } from './change-detector.ts';
import { SampleRatio } from './sample-ratio.ts';
import type { UnitOdds } from './unit-odds.ts';
import { oddsByVersion } from './unit-odds.ts';
import { Wealth, logMean } from './wealth.ts';

/** What a start is tested with; none of it changes while it runs. Rewards and margins are rescaled to [0, 1]. */
export interface GateTerms {
  /** How much worse the candidate may be and still go on. */
  readonly margin: number;
  /** How much worse it has to be to be rolled back, at least. */
  readonly rollbackMargin: number;
  /** Probability of a false promotion. */
  readonly alpha: number;
  /** Probability of a false rollback by its process. */
  readonly rollbackAlpha: number;
  /** A of the change detectors: a false alarm within n units has a probability of at most n/A. */
  readonly alarm: number;
  /** Mean and standard deviation of the incumbent's rewards. */
  readonly centre: number;
  readonly deviation: number;
  /** Metrics that must not rise, by name: their usual mean, and by how much they may. */
  readonly guardrails: Readonly<Record<string, { centre: number; deviation: number; margin: number }>>;
}

/** One unit of a start, in the order of decisions. */
export interface GateUnit {
  readonly odds: UnitOdds;
  /** Who decided, and the candidate's share, while the two share the traffic. */
  readonly assigned: { readonly isCandidate: boolean; readonly share: number } | undefined;
  /**
   * Whether the candidate had traffic. Rollbacks are tested from then on: one that begins with nothing learned is
   * worse at first, which harms nobody in shadow.
   */
  readonly hasTraffic: boolean;
  /**
   * Rescaled to [0, 1]; `undefined`: it has none, and is left out; `unknown`: it has one, of which nothing is known, since
   * the unit went on under another share or with another version. That may follow from what was done, so the worst is
   * assumed: for what is to be shown, that as much was lost as can be; for rollbacks, the reward that speaks against it.
   */
  readonly reward: number | undefined | 'unknown';
  /** Guardrail metrics of the unit, each in [0, 1]; those that are not known are missing. */
  readonly harms?: Readonly<Record<string, number>>;
}

/** Everything that is carried from one unit to the next, as plain numbers that JSON keeps exactly. */
export interface GateState {
  units: number;
  leftOut: number;
  /** Units of which the reward is not known. */
  unknown: number;
  /** Means over the latest units: V̄, and what d could have been; and of how many. */
  usual: UsualOdds;
  usualUnits: number;
  /** Logarithms of the games: worse by the margin, not better, rolled back by odds and by version. */
  promote: readonly number[];
  improve: readonly number[];
  rollback: readonly number[];
  rollbackByVersion: readonly number[];
  /** Sums of the change detectors. */
  change: readonly number[];
  changeByVersion: readonly number[];
  guardrails: Readonly<Record<string, readonly number[]>>;
  sampleRatio: readonly number[];
  /** Games on being left out more, and less, under the candidate. */
  leftOutMore: readonly number[];
  leftOutLess: readonly number[];
  fired: GateEvents;
}

/** What has happened once, and stays so. */
export interface GateEvents {
  /** The candidate is not worse by the margin. */
  promote: boolean;
  /** The candidate is better. */
  improve: boolean;
  rollback: boolean;
  change: boolean;
  /** Guardrails that broke. */
  guardrails: readonly string[];
  /** Traffic is not shared as it should be. */
  sampleRatio: boolean;
  /** Being left out depends on the action. */
  leftOut: boolean;
}

/** What is usual is the mean over about so many units. */
const USUAL_UNITS = 2_000;
/** One unit counts for no more than this, or what is hardly ever done would keep bets small for thousands of units. */
const MOST_USUAL = 1_000;
/** What is thought of units before the first one, and how many units that thought counts for. */
const FIRST: UsualOdds = { spread: 10, high: 10, low: 1 };
const FIRST_UNITS = 20;
/** ln of the wealth at which traffic, or what is left out, is taken to depend on the version. */
export const LOG_ALARM = Math.log(1_000);

/**
 * Where a start begins.
 * @param earlier what is known of earlier decisions: means, and of how many
 */
export function emptyGateState(
  earlier: { readonly usual: UsualOdds; readonly units: number } = { usual: FIRST, units: FIRST_UNITS },
): GateState {
  const none = [0, 0, 0, 0];
  return {
    units: 0,
    leftOut: 0,
    unknown: 0,
    usual: { ...earlier.usual },
    usualUnits: Math.min(earlier.units, USUAL_UNITS),
    promote: none,
    improve: none,
    rollback: none,
    rollbackByVersion: none,
    change: none,
    changeByVersion: none,
    guardrails: {},
    sampleRatio: none,
    leftOutMore: none,
    leftOutLess: none,
    fired: {
      promote: false,
      improve: false,
      rollback: false,
      change: false,
      guardrails: [],
      sampleRatio: false,
      leftOut: false,
    },
  };
}

/**
 * The tests of a start. Pure: the same units in the same order give the same state to the bit, in any process, and a
 * state that was stored goes on as if nothing had been.
 */
export class Gate {
  readonly #terms: GateTerms;
  readonly #promoteBets: Bets;
  readonly #improveBets: Bets;
  readonly #rollbackBets: Bets;
  readonly #guardrailBets: ReadonlyMap<string, Bets>;
  readonly #promote: Wealth;
  readonly #improve: Wealth;
  readonly #rollback: Wealth;
  readonly #rollbackByVersion: Wealth;
  readonly #change: ChangeDetector;
  readonly #changeByVersion: ChangeDetector;
  readonly #guardrails: ReadonlyMap<string, ChangeDetector>;
  readonly #sampleRatio: SampleRatio;
  readonly #leftOutMore: Wealth;
  readonly #leftOutLess: Wealth;
  readonly #fired: { -readonly [name in keyof GateEvents]: GateEvents[name] };
  #units: number;
  #leftOut: number;
  #unknown: number;
  readonly #usual: { -readonly [name in keyof UsualOdds]: number };
  #usualUnits: number;

  constructor(terms: GateTerms, state: GateState = emptyGateState()) {
    this.#terms = terms;
    const { centre, deviation } = terms;
    this.#promoteBets = new Bets({ margin: terms.margin, centre, deviation });
    this.#improveBets = new Bets({ margin: 0, centre, deviation });
    // What a rollback gains is what a reward lacks.
    this.#rollbackBets = new Bets({ margin: -terms.rollbackMargin, centre: 1 - centre, deviation });
    const guardrails = Object.entries(terms.guardrails);
    this.#guardrailBets = new Map(
      guardrails.map(([name, stake]): [string, Bets] => [name, new Bets(stakeOf(stake))]),
    );
    this.#promote = new Wealth(state.promote);
    this.#improve = new Wealth(state.improve);
    this.#rollback = new Wealth(state.rollback);
    this.#rollbackByVersion = new Wealth(state.rollbackByVersion);
    this.#change = new ChangeDetector(state.change);
    this.#changeByVersion = new ChangeDetector(state.changeByVersion);
    this.#guardrails = new Map(
      guardrails.map(([name]): [string, ChangeDetector] => [
        name,
        new ChangeDetector(state.guardrails[name]),
      ]),
    );
    this.#sampleRatio = new SampleRatio(state.sampleRatio);
    this.#leftOutMore = new Wealth(state.leftOutMore);
    this.#leftOutLess = new Wealth(state.leftOutLess);
    this.#fired = { ...state.fired };
    this.#units = state.units;
    this.#leftOut = state.leftOut;
    this.#unknown = state.unknown;
    this.#usual = { ...state.usual };
    this.#usualUnits = state.usualUnits;
  }

  /** Takes the next unit. */
  add(unit: GateUnit): void {
    const { odds, assigned, reward } = unit;
    if (reward !== 'unknown') this.#watchLeftOut(odds, reward === undefined);
    if (assigned) this.#sampleRatio.add(assigned.isCandidate, assigned.share);
    if (reward !== undefined) this.#bet(unit, reward);
    if (unit.hasTraffic) this.#guard(unit);
    this.#units += 1;
    if (reward === undefined) this.#leftOut += 1;
    if (reward === 'unknown') this.#unknown += 1;
    // Only now: sizes of bets follow from earlier units.
    this.#usualUnits = Math.min(this.#usualUnits + 1, USUAL_UNITS);
    for (const name of ['spread', 'high', 'low'] as const) {
      this.#usual[name] += (Math.min(odds[name], MOST_USUAL) - this.#usual[name]) / this.#usualUnits;
    }
  }

  /**
   * Looks whether anything has been shown. What was shown once stays so.
   * @returns what has been shown so far
   */
  look(): GateEvents {
    const { alpha, rollbackAlpha, alarm } = this.#terms;
    const fired = this.#fired;
    const enough = -Math.log(alpha);
    // Rewards that are left out by what was done make it look better as soon as the watch can know of it, so nothing is
    // shown while that has come half as far.
    if (this.leftOutLog < enough / 2) {
      fired.promote ||= this.#promote.log >= enough;
      fired.improve ||= this.#improve.log >= enough;
    }
    fired.rollback ||= this.rollbackLog >= -Math.log(rollbackAlpha);
    fired.change ||= this.changeSum >= alarm;
    fired.sampleRatio ||= this.#sampleRatio.log >= LOG_ALARM;
    fired.leftOut ||= this.leftOutLog >= LOG_ALARM;
    for (const [name, detector] of this.#guardrails) {
      if (detector.mean >= alarm && !fired.guardrails.includes(name)) {
        fired.guardrails = [...fired.guardrails, name];
      }
    }
    return { ...fired };
  }

  /** ln of the wealth against "worse by the margin or more". */
  get promoteLog(): number {
    return this.#promote.log;
  }

  /** ln of the wealth against "not better". */
  get improveLog(): number {
    return this.#improve.log;
  }

  /** ln of the wealth against "not worse by the margin of rollbacks", over both forms. */
  get rollbackLog(): number {
    return logMean(this.#rollback.log, this.#rollbackByVersion.log);
  }

  /** ln of the wealth against "traffic is shared as it should be". */
  get sampleRatioLog(): number {
    return this.#sampleRatio.log;
  }

  /** ln of the wealth against "being left out does not depend on the action". */
  get leftOutLog(): number {
    return logMean(this.#leftOutMore.log, this.#leftOutLess.log);
  }

  /** Sums of the change detectors of guardrails, by name. */
  get guardrailSums(): Record<string, number> {
    return Object.fromEntries([...this.#guardrails].map(([name, { mean }]) => [name, mean] as const));
  }

  /** Sum of the change detectors, over both forms. */
  get changeSum(): number {
    return (this.#change.mean + this.#changeByVersion.mean) / 2;
  }

  get state(): GateState {
    return {
      units: this.#units,
      leftOut: this.#leftOut,
      unknown: this.#unknown,
      usual: { ...this.#usual },
      usualUnits: this.#usualUnits,
      promote: this.#promote.logs,
      improve: this.#improve.logs,
      rollback: this.#rollback.logs,
      rollbackByVersion: this.#rollbackByVersion.logs,
      change: this.#change.sums,
      changeByVersion: this.#changeByVersion.sums,
      guardrails: Object.fromEntries(
        [...this.#guardrails].map(([name, detector]) => [name, detector.sums] as const),
      ),
      sampleRatio: this.#sampleRatio.logs,
      leftOutMore: this.#leftOutMore.logs,
      leftOutLess: this.#leftOutLess.logs,
      fired: { ...this.#fired },
    };
  }

  #bet({ odds, assigned, hasTraffic }: GateUnit, reward: number | 'unknown'): void {
    const lack = reward === 'unknown' ? worstGain(odds) : 1 - reward;
    for (const [bets, wealth] of [
      [this.#promoteBets, this.#promote],
      [this.#improveBets, this.#improve],
    ] as const) {
      if (reward === 'unknown') bets.makeUnknown(odds, this.#usual);
      else bets.make(odds, reward, this.#usual);
      wealth.add(bets.factors);
    }
    if (hasTraffic) {
      this.#rollbackBets.make(odds, lack, this.#usual);
      this.#rollback.add(this.#rollbackBets.factors);
      this.#change.add(this.#rollbackBets.factors);
    }
    if (!assigned) return;
    const byVersion = oddsByVersion(assigned.isCandidate, assigned.share);
    this.#rollbackBets.make(byVersion, reward === 'unknown' ? worstGain(byVersion) : lack, byVersion);
    this.#rollbackByVersion.add(this.#rollbackBets.factors);
    this.#changeByVersion.add(this.#rollbackBets.factors);
  }

  /** By version while the traffic is shared, which also sees what serving does; by what was done when it is not. */
  #guard({ odds, assigned, reward, harms = {} }: GateUnit): void {
    const judged = assigned ? oddsByVersion(assigned.isCandidate, assigned.share) : odds;
    const usual = assigned ? judged : this.#usual;
    for (const [name, detector] of this.#guardrails) {
      const harm = harms[name];
      const bets = this.#guardrailBets.get(name);
      if (harm === undefined || !bets) continue;
      bets.make(judged, reward === 'unknown' ? worstGain(judged) : harm, usual);
      detector.add(bets.factors);
    }
  }

  /** Two bets on d·(1{left out} − the share of earlier units that were). */
  #watchLeftOut(odds: UnitOdds, isLeftOut: boolean): void {
    const share = this.#units === 0 ? 0 : this.#leftOut / this.#units;
    const deviation = Math.sqrt(share * (1 - share));
    const more = new Bets({ margin: 0, centre: share, deviation });
    more.make(odds, isLeftOut ? 1 : 0, this.#usual);
    this.#leftOutMore.add(more.factors);
    const less = new Bets({ margin: 0, centre: 1 - share, deviation });
    less.make(odds, isLeftOut ? 0 : 1, this.#usual);
    this.#leftOutLess.add(less.factors);
  }
}

/** What would be gained where it costs most: nothing where the candidate did it more often, everything where it did not. */
function worstGain({ difference }: UnitOdds): number {
  return difference > 0 ? 0 : 1;
}

function stakeOf({ centre, deviation, margin }: GateTerms['guardrails'][string]): Stake {
  return { centre, deviation, margin: -margin };
}
