import { createHash } from 'node:crypto';
import {
  Gate,
  type GateEvents,
  type GateState,
  LOG_ALARM,
  RateDetector,
  RobustInterval,
  emptyGateState,
} from '@rlaas/learning';
import { type RolloutEvidence, uuidV7Schema } from '@rlaas/schemas';
import { z } from 'zod';
import type { Uncounted } from './compared-decision.ts';
import { FAILURES, MOST_FAILURES, type RolloutTerms } from './rollout-terms.ts';
import type { RolloutUnit } from './rollout-unit.ts';

const logs = z.array(z.number());
const count = z.int().min(0);
const gateStateSchema = z.object({
  units: count,
  leftOut: count,
  unknown: count.default(0),
  usual: z.object({ spread: z.number(), high: z.number(), low: z.number() }),
  usualUnits: z.number(),
  promote: logs,
  improve: logs,
  rollback: logs,
  rollbackByVersion: logs,
  change: logs,
  changeByVersion: logs,
  guardrails: z.record(z.string(), logs),
  sampleRatio: logs,
  leftOutMore: logs,
  leftOutLess: logs,
  fired: z.object({
    promote: z.boolean(),
    improve: z.boolean(),
    rollback: z.boolean(),
    change: z.boolean(),
    guardrails: z.array(z.string()),
    sampleRatio: z.boolean(),
    leftOut: z.boolean(),
  }),
});
const mixtureSchema = z.object({
  count,
  sum: z.number(),
  low: z.number(),
  middle: z.number(),
  high: z.array(z.tuple([z.number(), z.number()])),
});
const intervalSchema = z.object({ gains: mixtureSchema, losses: mixtureSchema });
const sumSchema = z.object({ units: count, sum: z.number() });

/** Intervals hold at all looks together, but for this probability. */
const INTERVAL_ALPHA = 0.05;

/** Turns of the candidate, which are looked at without waiting for rewards, and until when they were. */
const turnsSchema = z.object({ until: z.number().nullable(), failures: logs, failed: z.boolean() });
const NO_TURNS = { until: null, failures: [0, 0, 0, 0], failed: false };

/** How far a start is, as it is stored. */
export const rolloutProgressSchema = z.object({
  gate: gateStateSchema,
  /** The last decision that was looked at; null: none yet. */
  cursor: z.object({ at: z.number(), id: uuidV7Schema }).nullable(),
  /** Decisions that were looked at. */
  looked: count,
  /** Decisions, or episodes, that could not count since the last that did. */
  sinceCounted: count.default(0),
  turns: turnsSchema.default(NO_TURNS),
  uncounted: z.record(z.string(), count),
  /** Weights of the candidate in shadow. */
  weights: z.object({
    units: count,
    sum: z.number(),
    squares: z.number(),
    largest: z.number(),
    uncovered: z.number(),
  }),
  /** Rewards, rescaled to [0, 1]. */
  rewards: z.object({ all: sumSchema, candidate: sumSchema, incumbent: sumSchema }),
  /** Sums of w·r of both. */
  estimate: z.object({ units: count, candidate: z.number(), incumbent: z.number() }),
  intervals: z.object({ candidate: intervalSchema, incumbent: intervalSchema }),
  step: z.object({ began: z.number(), candidateRewards: count, units: count.default(0) }),
  checkpoints: z.object({ first: z.int().nullable(), last: z.int().nullable() }),
  digest: z.string(),
});
export type RolloutProgressState = z.infer<typeof rolloutProgressSchema>;

export function emptyProgress(terms: RolloutTerms, at: number): RolloutProgressState {
  const none = { units: 0, sum: 0 };
  return {
    gate: asStored(emptyGateState(terms.earlier ?? undefined)),
    cursor: null,
    looked: 0,
    sinceCounted: 0,
    turns: NO_TURNS,
    uncounted: {},
    weights: { units: 0, sum: 0, squares: 0, largest: 0, uncovered: 0 },
    rewards: { all: none, candidate: none, incumbent: none },
    estimate: { units: 0, candidate: 0, incumbent: 0 },
    intervals: { candidate: new RobustInterval().toJSON(), incumbent: new RobustInterval().toJSON() },
    step: { began: at, candidateRewards: 0, units: 0 },
    checkpoints: { first: null, last: null },
    digest: '',
  };
}

/** What a start has come to, unit by unit. */
export class RolloutProgress {
  readonly #terms: RolloutTerms;
  readonly #gate: Gate;
  readonly #state: RolloutProgressState;
  readonly #candidate: RobustInterval;
  readonly #incumbent: RobustInterval;
  readonly #failures: RateDetector;

  constructor(terms: RolloutTerms, state: RolloutProgressState) {
    this.#terms = terms;
    this.#gate = new Gate(terms.gate, state.gate);
    this.#state = structuredClone(state);
    this.#candidate = new RobustInterval(state.intervals.candidate);
    this.#incumbent = new RobustInterval(state.intervals.incumbent);
    this.#failures = new RateDetector(MOST_FAILURES, state.turns.failures);
  }

  /** The candidate had turns in a step of time. @param failed share of them in which it could not decide */
  hadTurns(failed: number): void {
    this.#failures.add(failed);
    this.#state.turns.failed ||= this.#failures.mean >= this.#terms.gate.alarm;
  }

  /** All turns until then were looked at. @param at milliseconds since 1970 */
  passedTurns(at: number): void {
    this.#state.turns.until = at;
  }

  /** Counts a decision that cannot count. */
  skip(reason: Uncounted): void {
    const { uncounted } = this.#state;
    uncounted[reason] = (uncounted[reason] ?? 0) + 1;
    this.#state.sinceCounted += 1;
  }

  /** Everything until this decision was looked at. */
  passed(at: number, id: string): void {
    this.#state.cursor = { at, id };
    this.#state.looked += 1;
  }

  /** @param at when the unit began, in milliseconds since 1970 */
  add(unit: RolloutUnit, at: number): void {
    const { gate, members, weight, uncovered } = unit;
    this.#gate.add(gate);
    const state = this.#state;
    state.sinceCounted = 0;
    if (!gate.hasTraffic) {
      const { weights } = state;
      weights.units += 1;
      weights.sum += weight;
      weights.squares += weight * weight;
      weights.largest = Math.max(weights.largest, weight);
      weights.uncovered += uncovered;
    }
    for (const { compared } of members) {
      if (compared === 'outcome') continue;
      state.checkpoints.first ??= compared.checkpoint;
      state.checkpoints.last = compared.checkpoint ?? state.checkpoints.last;
    }
    const { reward, assigned, odds } = gate;
    const hash = createHash('sha256').update(state.digest);
    for (const member of members) hash.update(`${member.id} ${member.reward}\n`);
    state.digest = hash.digest('hex');
    if (reward === undefined || reward === 'unknown') return;
    const { rewards, estimate, step } = state;
    rewards.all = more(rewards.all, reward);
    if (assigned?.isCandidate === true) rewards.candidate = more(rewards.candidate, reward);
    if (assigned?.isCandidate === false) rewards.incumbent = more(rewards.incumbent, reward);
    estimate.units += 1;
    estimate.candidate += weight * reward;
    const ofIncumbent = Math.max(0, weight - odds.difference);
    estimate.incumbent += ofIncumbent * reward;
    this.#candidate.add(weight, reward);
    this.#incumbent.add(ofIncumbent, reward);
    if (assigned?.isCandidate === true && at >= step.began) step.candidateRewards += 1;
  }

  /** A step of the rollout begins: what it waits for is counted anew. */
  beginStep(at: number): void {
    this.#state.step = { began: at, candidateRewards: 0, units: this.units };
  }

  /** What has been shown so far. */
  look(): GateEvents {
    const events = this.#gate.look();
    if (!this.#state.turns.failed) return events;
    return { ...events, guardrails: [FAILURES, ...events.guardrails] };
  }

  get state(): RolloutProgressState {
    const intervals = { candidate: this.#candidate.toJSON(), incumbent: this.#incumbent.toJSON() };
    const turns = { ...this.#state.turns, failures: [...this.#failures.sums] };
    return { ...this.#state, turns, intervals, gate: asStored(this.#gate.state) };
  }

  /** Decisions, or episodes, that could not count since the last that did. */
  get sinceCounted(): number {
    return this.#state.sinceCounted;
  }

  /** Time of the last decision that was looked at. */
  get until(): number | undefined {
    return this.#state.cursor?.at;
  }

  get candidateRewards(): number {
    return this.#state.step.candidateRewards;
  }

  /** (Σw)²/Σw² of the candidate's weights in shadow. */
  get effectiveUnits(): number {
    const { sum, squares } = this.#state.weights;
    return squares === 0 ? 0 : (sum * sum) / squares;
  }

  /** Share of what the candidate would do in shadow that is played often enough; `undefined`: nothing is known. */
  get overlap(): number | undefined {
    const { units, uncovered } = this.#state.weights;
    return units === 0 ? undefined : 1 - uncovered / units;
  }

  get units(): number {
    return this.#gate.state.units;
  }

  /** Units since this step began. */
  get unitsOfStep(): number {
    return this.units - this.#state.step.units;
  }

  get evidence(): RolloutEvidence {
    const { gate: terms, range } = this.#terms;
    const gate = this.#gate;
    const { units, leftOut, unknown } = gate.state;
    const fired = this.look();
    const { rewards, estimate, uncounted, weights, checkpoints, digest } = this.#state;
    const unscale = (value: number): number => range[0] + value * (range[1] - range[0]);
    const meanOf = ({ units: n, sum }: { units: number; sum: number }): number | null =>
      n === 0 ? null : unscale(sum / n);
    const boundsOf = (interval: RobustInterval): [number, number] => {
      const [low, high] = interval.bounds(INTERVAL_ALPHA);
      return [unscale(low), unscale(high)];
    };
    const [promotion, rollback] = [-Math.log(terms.alpha), -Math.log(terms.rollbackAlpha)];
    return {
      units,
      left_out: leftOut + unknown,
      uncounted: { ...uncounted },
      until: this.until === undefined ? null : new Date(this.until).toISOString(),
      promote: { log_wealth: gate.promoteLog, threshold: promotion, fired: fired.promote },
      improve: { log_wealth: gate.improveLog, threshold: promotion, fired: fired.improve },
      rollback: { log_wealth: gate.rollbackLog, threshold: rollback, fired: fired.rollback },
      change: { sum: gate.changeSum, threshold: terms.alarm, fired: fired.change },
      guardrails: Object.fromEntries(
        Object.entries({ ...gate.guardrailSums, [FAILURES]: this.#failures.mean }).map(
          ([name, sum]) =>
            [name, { sum, threshold: terms.alarm, fired: fired.guardrails.includes(name) }] as const,
        ),
      ),
      sample_ratio: { log_wealth: gate.sampleRatioLog, threshold: LOG_ALARM, fired: fired.sampleRatio },
      left_out_watch: { log_wealth: gate.leftOutLog, threshold: LOG_ALARM, fired: fired.leftOut },
      effective_units: this.effectiveUnits,
      overlap: this.overlap ?? null,
      largest_weight: weights.largest,
      mean_reward: {
        all: meanOf(rewards.all),
        candidate: meanOf(rewards.candidate),
        incumbent: meanOf(rewards.incumbent),
      },
      estimate:
        estimate.units === 0
          ? null
          : {
              candidate: unscale(estimate.candidate / estimate.units),
              incumbent: unscale(estimate.incumbent / estimate.units),
              difference:
                ((estimate.candidate - estimate.incumbent) / estimate.units) * (range[1] - range[0]),
              candidate_interval: boundsOf(this.#candidate),
              incumbent_interval: boundsOf(this.#incumbent),
            },
      candidate_rewards: this.candidateRewards,
      checkpoints: { ...checkpoints },
      digest,
    };
  }
}

function more({ units, sum }: { units: number; sum: number }, value: number): { units: number; sum: number } {
  return { units: units + 1, sum: sum + value };
}

/** As JSON keeps it: lists of its own. */
function asStored(state: GateState): RolloutProgressState['gate'] {
  return structuredClone(state) as RolloutProgressState['gate'];
}
