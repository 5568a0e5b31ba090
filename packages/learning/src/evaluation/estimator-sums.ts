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

/** Squares of rows must stay below this; what is summed of them is then small enough for exact sums. */
const LARGEST_SQUARES = 1e280;

/** Names of the sums that all estimators but those with a limit are made of. */
const NAMES = [
  'w',
  'ww',
  'wr',
  'wwr',
  'wwrr',
  'r',
  'rr',
  'we',
  'wwe',
  'wwee',
  'qwe',
  'qw',
  'uncovered',
] as const;
export type SumName = (typeof NAMES)[number];

/**
 * Sums of the decisions whose weight is above one limit of Switch-DR and not above the next: with their weight, and by the
 * reward model alone. Each decision is added once, whatever the number of limits.
 */
const BUCKET = ['dr', 'drdr', 'q', 'qq'] as const;
type BucketName = (typeof BUCKET)[number];
type Bucket = Record<BucketName, ExactSum>;

/** The sums as JSON. */
export interface StoredSums {
  n: number;
  largest: number;
  sums: Record<SumName, number[]>;
  switched: Record<BucketName, number[]>[];
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
  /** One for each limit, and one for weights above all. */
  readonly #buckets = Array.from({ length: SWITCH_LIMITS.length + 1 }, emptyBucket);
  readonly #shrunk = SHRINKAGES.map(() => ({ sum: new ExactSum(), squares: new ExactSum() }));

  constructor() {
    this.#sums = Object.fromEntries(NAMES.map((name) => [name, new ExactSum()])) as Record<SumName, ExactSum>;
  }

  /** @throws RangeError when a sum is missing, there is one too many, or one is not of finite numbers */
  static from(stored: StoredSums): EstimatorSums {
    const made = new EstimatorSums();
    made.#n = stored.n;
    made.#largest = stored.largest;
    if (stored.switched.length !== made.#buckets.length || stored.shrunk.length !== made.#shrunk.length)
      throw new RangeError('stored sums are of other limits');
    for (const name of NAMES) made.#sums[name].merge(read(stored.sums[name]));
    for (const [index, bucket] of stored.switched.entries()) {
      for (const name of BUCKET) at(made.#buckets, index)[name].merge(read(bucket[name]));
    }
    for (const [index, { sum, squares }] of stored.shrunk.entries()) {
      at(made.#shrunk, index).sum.merge(read(sum));
      at(made.#shrunk, index).squares.merge(read(squares));
    }
    return made;
  }

  /** @throws RangeError when a number is not what it should be, or too large to be squared and summed; nothing is added */
  add({ reward, propensity, target, expected, expectedTarget, uncovered }: EvaluationRow): void {
    if (!(propensity > 0 && propensity <= 1))
      throw new RangeError(`propensity ${propensity} is not in (0, 1]`);
    if (!(target >= 0 && target <= 1)) throw new RangeError(`a target of ${target} is not in [0, 1]`);
    if (!(uncovered >= 0 && uncovered <= 1))
      throw new RangeError(`an uncovered share of ${uncovered} is not in [0, 1]`);
    const w = target / propensity;
    const ww = w * w;
    const wr = w * reward;
    const we = w * (reward - expected);
    const dr = expectedTarget + we;
    const rr = reward * reward;
    const qq = expectedTarget * expectedTarget;
    const wwee = we * we;
    // No term is larger than this but for a small factor; NaN is not below anything.
    const size = ww + rr + expected * expected + qq + wr * wr + wwee;
    if (!(size < LARGEST_SQUARES)) throw new RangeError('a number is too large, or not a number');
    const sums = this.#sums;
    sums.w.add(w);
    sums.ww.add(ww);
    sums.wr.add(wr);
    sums.wwr.add(w * wr);
    sums.wwrr.add(wr * wr);
    sums.r.add(reward);
    sums.rr.add(rr);
    sums.we.add(we);
    sums.wwe.add(w * we);
    sums.wwee.add(wwee);
    sums.qwe.add(expectedTarget * we);
    sums.qw.add(expectedTarget * w);
    sums.uncovered.add(uncovered);
    let place = 0;
    while (place < SWITCH_LIMITS.length && w > (SWITCH_LIMITS[place] ?? 0)) place += 1;
    const bucket = at(this.#buckets, place);
    bucket.dr.add(dr);
    bucket.drdr.add(dr * dr);
    bucket.q.add(expectedTarget);
    bucket.qq.add(qq);
    // Counted: an iterator would be made anew for each of millions of rows.
    for (let index = 0; index < SHRINKAGES.length; index += 1) {
      const lambda = SHRINKAGES[index] ?? 0;
      const value = expectedTarget + (lambda / (ww + lambda)) * we;
      const shrunk = at(this.#shrunk, index);
      shrunk.sum.add(value);
      shrunk.squares.add(value * value);
    }
    this.#n += 1;
    this.#largest = Math.max(this.#largest, w);
  }

  merge(other: EstimatorSums): void {
    this.#n += other.#n;
    this.#largest = Math.max(this.#largest, other.#largest);
    for (const name of NAMES) this.#sums[name].merge(other.#sums[name]);
    for (const [index, bucket] of other.#buckets.entries()) {
      for (const name of BUCKET) this.#buckets[index]?.[name].merge(bucket[name]);
    }
    for (const [index, { sum, squares }] of other.#shrunk.entries()) {
      this.#shrunk[index]?.sum.merge(sum);
      this.#shrunk[index]?.squares.merge(squares);
    }
  }

  get n(): number {
    return this.#n;
  }

  get largestWeight(): number {
    return this.#largest;
  }

  /** Sum of one kind over all decisions, rounded once. */
  of(name: SumName | BucketName): number {
    if (isSum(name)) return this.#sums[name].value;
    const whole = new ExactSum();
    for (const bucket of this.#buckets) whole.merge(bucket[name]);
    return whole.value;
  }

  /** Of Switch-DR, for each of `SWITCH_LIMITS`: weights up to the limit count, above it the reward model alone. */
  get switched(): readonly { sum: ExactSum; squares: ExactSum }[] {
    return SWITCH_LIMITS.map((_, limit) => {
      const [sum, squares] = [new ExactSum(), new ExactSum()];
      for (const [place, bucket] of this.#buckets.entries()) {
        sum.merge(place <= limit ? bucket.dr : bucket.q);
        squares.merge(place <= limit ? bucket.drdr : bucket.qq);
      }
      return { sum, squares };
    });
  }

  /** Of DRos, for each of `SHRINKAGES`. */
  get shrunk(): readonly { sum: ExactSum; squares: ExactSum }[] {
    return this.#shrunk;
  }

  toJSON(): StoredSums {
    return {
      n: this.#n,
      largest: this.#largest,
      sums: Object.fromEntries(NAMES.map((name) => [name, this.#sums[name].toJSON()])) as StoredSums['sums'],
      switched: this.#buckets.map(
        (bucket) =>
          Object.fromEntries(BUCKET.map((name) => [name, bucket[name].toJSON()])) as Record<
            BucketName,
            number[]
          >,
      ),
      shrunk: this.#shrunk.map(({ sum, squares }) => ({ sum: sum.toJSON(), squares: squares.toJSON() })),
    };
  }
}

function emptyBucket(): Bucket {
  return { dr: new ExactSum(), drdr: new ExactSum(), q: new ExactSum(), qq: new ExactSum() };
}

/** What is not there is not a sum of nothing. */
function read(partials: readonly number[] | undefined): ExactSum {
  if (partials === undefined) throw new RangeError('a stored sum is missing');
  return new ExactSum(partials);
}

function isSum(name: SumName | BucketName): name is SumName {
  return (NAMES as readonly string[]).includes(name);
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no sum ${index}`);
  return found;
}
