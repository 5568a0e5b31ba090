import { CrossFittedRewardModel, EstimatorSums, type EvaluationRow } from '@rlaas/learning';
import { type LeftOutReason, type LoggedChoice, LoggedChoiceReader } from './logged-choice.ts';
import { type TargetProbabilities, targetProbabilities } from './target-probabilities.ts';
import type { ChunkEstimate, ChunkRow, ThreadSetup } from './thread-messages.ts';

/** An action that is tried less often than this, divided by the number of allowed actions, is hardly ever tried. */
const FLOOR = 0.01;
/** Probabilities at the floor itself went through JSON and other languages. */
const ROUNDING = 1e-6;
/** Rewards beyond this, and weights that could be beyond it, have no squares that can be summed; no model learns them. */
const LARGEST = 1e60;

/**
 * Makes what estimators need of logged decisions. First all decisions of the evaluation are learned in their order, so
 * that the reward model is the same wherever it is made; then chunks are estimated, in any order.
 */
export class ChunkEstimator {
  readonly #reader = new LoggedChoiceReader();
  readonly #rewardModel = new CrossFittedRewardModel();
  readonly #probabilitiesOf: TargetProbabilities;
  readonly #least: number;
  readonly #largest: number;
  #target = new Float64Array(16);
  #expected = new Float64Array(16);

  constructor({ source, range: [least, largest] }: ThreadSetup) {
    this.#probabilitiesOf = targetProbabilities(source);
    this.#least = least;
    this.#largest = largest;
  }

  learn(rows: readonly ChunkRow[]): void {
    for (const row of rows) {
      const choice = this.#read(row);
      if (typeof choice !== 'string') {
        this.#rewardModel.learn(choice.features, row.id, choice.data.chosen, row.reward);
      }
    }
  }

  estimate(rows: readonly ChunkRow[]): ChunkEstimate {
    const sums = new EstimatorSums();
    const weighted = new Float64Array(rows.length * 2);
    const leftOut: ChunkEstimate['leftOut'] = {};
    let [used, imports, partial] = [0, 0, 0];
    for (const given of rows) {
      const { id, imported, reward } = given;
      const choice = this.#read(given);
      const row = typeof choice === 'string' ? choice : this.#rowOf(choice, id, reward);
      if (typeof row === 'string') {
        leftOut[row] = (leftOut[row] ?? 0) + 1;
        continue;
      }
      sums.add(row);
      weighted[used * 2] = row.target / row.propensity;
      weighted[used * 2 + 1] = this.#shareOf(reward);
      used += 1;
      if (imported) imports += 1;
      if (typeof choice !== 'string' && !choice.data.probabilities) partial += 1;
    }
    return {
      sums: sums.toJSON(),
      weighted: weighted.slice(0, used * 2),
      leftOut,
      imported: imports,
      partial,
    };
  }

  #read({ data, imported, repeated, reward }: ChunkRow): LoggedChoice | LeftOutReason {
    if (!(Math.abs(reward) <= LARGEST)) return 'unreadable';
    const choice = this.#reader.read(data, imported);
    if (typeof choice === 'string') return choice;
    if (choice.data.propensity < 1 / LARGEST) return 'unreadable';
    return repeated ? 'repeated_draw' : choice;
  }

  /** Where in the range a reward is, in [0, 1]. Halves: the whole width may be more than a double can be. */
  #shareOf(reward: number): number {
    const share = (reward / 2 - this.#least / 2) / (this.#largest / 2 - this.#least / 2);
    return Math.min(1, Math.max(0, share));
  }

  #rowOf(choice: LoggedChoice, id: string, reward: number): EvaluationRow | LeftOutReason {
    const { chosen, propensity } = choice.data;
    const count = choice.data.actions.length;
    if (this.#target.length < count) {
      this.#target = new Float64Array(count * 2);
      this.#expected = new Float64Array(count * 2);
    }
    const known = this.#probabilitiesOf(choice, this.#target);
    if (known === undefined) return 'target_undefined';
    this.#rewardModel.predict(choice.features, id, this.#expected);
    const target = this.#target.subarray(0, count);
    const expected = this.#expected[chosen] ?? 0;
    const row = { reward, propensity, target: Math.min(1, target[chosen] ?? 0), expected };
    // Where only the chosen action is known of the log as the target, it is itself a draw of the target.
    if (known === 'chosen') return { ...row, expectedTarget: expected, uncovered: 0 };
    const expectedTarget = target.reduce((sum, p, index) => sum + p * (this.#expected[index] ?? 0), 0);
    return { ...row, expectedTarget, uncovered: uncoveredOf(choice, target) };
  }
}

/**
 * Share of the target's probability on actions that the log hardly ever tries. Where it has no whole probabilities, the
 * actions that were not chosen are judged by what the propensity leaves for all of them.
 */
function uncoveredOf({ data, allowed }: LoggedChoice, target: Float64Array): number {
  const { probabilities, chosen, propensity } = data;
  const k = allowed === undefined ? target.length : allowed.filter((one) => one === 1).length;
  const least = (FLOOR / k) * (1 - ROUNDING);
  const others = 1 - propensity;
  let uncovered = 0;
  for (let index = 0; index < target.length; index += 1) {
    const logged = index === chosen ? propensity : (probabilities?.[index] ?? others);
    if (logged < least) uncovered += target[index] ?? 0;
  }
  return Math.min(1, uncovered);
}
