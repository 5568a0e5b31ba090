import { ExactSum } from './exact-sum.ts';

/** One logged decision, as estimators look at it. */
export interface EvaluationRow {
  reward: number;
  /** p_log of what was chosen, in (0, 1]. */
  propensity: number;
  /** π_e of what was chosen, in [0, 1]. */
  target: number;
  /** q̂(x, a) of what was chosen, by a model that did not learn this decision. */
  expected: number;
  /** Σ_a π_e(a|x) q̂(x, a). */
  expectedTarget: number;
  /** Share of the target's probability on actions that are hardly ever logged, in [0, 1]. */
  uncovered: number;
}

/** Largest weights of Switch-DR that are compared. */
export const SWITCH_LIMITS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] as const;
/** Shrinkage of DRos that is compared: 0 is the reward model alone, ∞ is DR. */
export const SHRINKAGES = [0.1, 1, 10, 100, 1_000, 1e4, 1e5, 1e6] as const;

/** Names of the sums that all estimators but those with a limit are made of. */
const NAMES = [
  'w',
  'ww',
  'wr',
  'wwr',
  'wwrr',
  'r',
  'rr',
  'q',
  'qq',
  'we',
  'wwe',
  'wwee',
  'qwe',
  'qw',
  'dr',
  'drdr',
  'uncovered',
] as const;
export type SumName = (typeof NAMES)[number];

/** The sums as JSON. */
export interface StoredSums {
  n: number;
  largest: number;
  sums: Record<SumName, number[]>;
  switched: { sum: number[]; squares: number[] }[];
  shrunk: { sum: number[]; squares: number[] }[];
}

/**
 * All that the estimators are made of. Sums are exact, so parts that were made anywhere are merged in any order to the
 * same numbers.
 */
export class EstimatorSums {
  #n = 0;
  #largest = 0;
  readonly #sums: Record<SumName, ExactSum>;
  readonly #switched = SWITCH_LIMITS.map(() => ({ sum: new ExactSum(), squares: new ExactSum() }));
  readonly #shrunk = SHRINKAGES.map(() => ({ sum: new ExactSum(), squares: new ExactSum() }));

  constructor() {
    this.#sums = Object.fromEntries(NAMES.map((name) => [name, new ExactSum()])) as Record<SumName, ExactSum>;
  }

  static from(stored: StoredSums): EstimatorSums {
    const made = new EstimatorSums();
    made.#n = stored.n;
    made.#largest = stored.largest;
    for (const name of NAMES) for (const partial of stored.sums[name]) made.#sums[name].add(partial);
    const restore = (into: typeof made.switched, from: StoredSums['switched']): void => {
      for (const [index, { sum, squares }] of from.entries()) {
        for (const partial of sum) into[index]?.sum.add(partial);
        for (const partial of squares) into[index]?.squares.add(partial);
      }
    };
    restore(made.#switched, stored.switched);
    restore(made.#shrunk, stored.shrunk);
    return made;
  }

  /** @throws RangeError when a number is not finite, or the propensity is not in (0, 1] */
  add({ reward, propensity, target, expected, expectedTarget, uncovered }: EvaluationRow): void {
    if (!(propensity > 0 && propensity <= 1))
      throw new RangeError(`propensity ${propensity} is not in (0, 1]`);
    if (!(target >= 0 && target <= 1)) throw new RangeError(`a target of ${target} is not in [0, 1]`);
    if (!Number.isFinite(reward + expected + expectedTarget)) throw new RangeError('not a finite number');
    const w = target / propensity;
    const error = reward - expected;
    const [ww, wr, we] = [w * w, w * reward, w * error];
    const dr = expectedTarget + we;
    const sums = this.#sums;
    sums.w.add(w);
    sums.ww.add(ww);
    sums.wr.add(wr);
    sums.wwr.add(w * wr);
    sums.wwrr.add(wr * wr);
    sums.r.add(reward);
    sums.rr.add(reward * reward);
    sums.q.add(expectedTarget);
    sums.qq.add(expectedTarget * expectedTarget);
    sums.we.add(we);
    sums.wwe.add(w * we);
    sums.wwee.add(we * we);
    sums.qwe.add(expectedTarget * we);
    sums.qw.add(expectedTarget * w);
    sums.dr.add(dr);
    sums.drdr.add(dr * dr);
    sums.uncovered.add(uncovered);
    for (const [index, limit] of SWITCH_LIMITS.entries()) {
      const value = w <= limit ? dr : expectedTarget;
      this.#switched[index]?.sum.add(value);
      this.#switched[index]?.squares.add(value * value);
    }
    for (const [index, lambda] of SHRINKAGES.entries()) {
      const value = expectedTarget + ((lambda * w) / (ww + lambda)) * error;
      this.#shrunk[index]?.sum.add(value);
      this.#shrunk[index]?.squares.add(value * value);
    }
    this.#n += 1;
    this.#largest = Math.max(this.#largest, w);
  }

  merge(other: EstimatorSums): void {
    this.#n += other.#n;
    this.#largest = Math.max(this.#largest, other.#largest);
    for (const name of NAMES) this.#sums[name].merge(other.#sums[name]);
    const add = (into: typeof this.switched, from: typeof this.switched): void => {
      for (const [index, { sum, squares }] of from.entries()) {
        into[index]?.sum.merge(sum);
        into[index]?.squares.merge(squares);
      }
    };
    add(this.#switched, other.#switched);
    add(this.#shrunk, other.#shrunk);
  }

  get n(): number {
    return this.#n;
  }

  get largestWeight(): number {
    return this.#largest;
  }

  /** Sum of one kind, rounded once. */
  of(name: SumName): number {
    return this.#sums[name].value;
  }

  /** Of Switch-DR, for each of `SWITCH_LIMITS`. */
  get switched(): readonly { sum: ExactSum; squares: ExactSum }[] {
    return this.#switched;
  }

  /** Of DRos, for each of `SHRINKAGES`. */
  get shrunk(): readonly { sum: ExactSum; squares: ExactSum }[] {
    return this.#shrunk;
  }

  toJSON(): StoredSums {
    const pairs = (of: typeof this.switched) =>
      of.map(({ sum, squares }) => ({ sum: sum.toJSON(), squares: squares.toJSON() }));
    return {
      n: this.#n,
      largest: this.#largest,
      sums: Object.fromEntries(NAMES.map((name) => [name, this.#sums[name].toJSON()])) as StoredSums['sums'],
      switched: pairs(this.#switched),
      shrunk: pairs(this.#shrunk),
    };
  }
}
