import type { RewardComparison, RewardStatistics, RewardStatus } from '@rlaas/schemas';

const PARTS = 20;
const MOST_CHANGES = 20;

/** A reward as far as statistics need it. */
export interface CountedReward {
  status: RewardStatus;
  reason: string | null;
  value: number | null;
  clipped: boolean;
}

/**
 * Adds up rewards, and goes on from what was added up before: plain numbers, so that long work can be put aside.
 * The mean is kept as it grows, since a sum of many would lose small ones.
 */
export class StatisticsBuilder {
  readonly statistics: RewardStatistics;
  #valued: number;

  /** @param from statistics to go on from; `undefined`: none yet */
  constructor(range: readonly [number, number], from?: RewardStatistics) {
    this.statistics = from
      ? structuredClone(from)
      : {
          decisions: 0,
          statuses: { pending: 0, final: 0, defaulted: 0, inactive: 0, error: 0 },
          reasons: {},
          clipped: 0,
          mean: null,
          least: null,
          largest: null,
          histogram: { from: range[0], to: range[1], counts: Array.from({ length: PARTS }, () => 0) },
        };
    this.#valued = this.statistics.histogram.counts.reduce((sum, count) => sum + count, 0);
  }

  add({ status, reason, value, clipped }: CountedReward): void {
    const { statistics } = this;
    statistics.decisions += 1;
    statistics.statuses[status] += 1;
    if (reason !== null) statistics.reasons[reason] = (statistics.reasons[reason] ?? 0) + 1;
    if (clipped) statistics.clipped += 1;
    if (value === null) return;
    this.#valued += 1;
    const mean = statistics.mean ?? 0;
    statistics.mean = mean + (value - mean) / this.#valued;
    statistics.least = Math.min(statistics.least ?? value, value);
    statistics.largest = Math.max(statistics.largest ?? value, value);
    const { from, to, counts } = statistics.histogram;
    const part = Math.floor(((value - from) / (to - from)) * PARTS);
    const index = Math.min(Math.max(part, 0), PARTS - 1);
    counts[index] = (counts[index] ?? 0) + 1;
  }
}

/** Compares two rewards of each of many decisions. */
export class ComparisonBuilder {
  readonly #from: StatisticsBuilder;
  readonly #to: StatisticsBuilder;
  #changed: number;
  #both: number;
  #meanDifference: number;
  readonly #transitions: Record<string, number>;
  #changes: RewardComparison['largest_changes'];

  constructor(range: readonly [number, number], started?: { comparison: RewardComparison; both: number }) {
    const before = started?.comparison;
    this.#from = new StatisticsBuilder(range, before?.from);
    this.#to = new StatisticsBuilder(range, before?.to);
    this.#changed = before?.changed ?? 0;
    this.#both = started?.both ?? 0;
    this.#meanDifference = before?.mean_difference ?? 0;
    this.#transitions = { ...before?.transitions };
    this.#changes = [...(before?.largest_changes ?? [])];
  }

  /** @param from `undefined`: there was none */
  add(decisionId: string, from: CountedReward | undefined, to: CountedReward): void {
    if (from) this.#from.add(from);
    this.#to.add(to);
    const before = from?.value ?? null;
    if (from?.status !== to.status) {
      const name = `${from?.status ?? 'none'} → ${to.status}`;
      this.#transitions[name] = (this.#transitions[name] ?? 0) + 1;
    }
    if (before !== null && to.value !== null) {
      this.#both += 1;
      this.#meanDifference += (to.value - before - this.#meanDifference) / this.#both;
    }
    if (from?.status === to.status && before === to.value) return;
    this.#changed += 1;
    this.#changes.push({ decision_id: decisionId, from: before, to: to.value });
    if (this.#changes.length > 10 * MOST_CHANGES) this.#changes = largest(this.#changes);
  }

  /** Of how many decisions both gave a reward: needed to go on later. */
  get both(): number {
    return this.#both;
  }

  get comparison(): RewardComparison {
    return {
      from: this.#from.statistics,
      to: this.#to.statistics,
      changed: this.#changed,
      mean_difference: this.#both === 0 ? null : this.#meanDifference,
      transitions: { ...this.#transitions },
      largest_changes: largest(this.#changes),
    };
  }
}

function largest(changes: RewardComparison['largest_changes']): RewardComparison['largest_changes'] {
  const size = ({ from, to }: (typeof changes)[number]): number => Math.abs((to ?? 0) - (from ?? 0));
  return changes
    .toSorted((a, b) => size(b) - size(a) || (a.decision_id < b.decision_id ? -1 : 1))
    .slice(0, MOST_CHANGES);
}
