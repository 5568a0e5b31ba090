import {
  type CheckpointMetadata,
  type LinearPolicy,
  type PolicyState,
  createLinearPolicy,
  emptyPolicyState,
} from '@rlaas/learning';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { TextRow } from '../store/training-runs.ts';
import { encodeCheckpoint } from '../training/checkpoint-files.ts';
import { LoggedRowReader } from '../training/logged-row.ts';
import { ProgressiveLoss } from './progressive-loss.ts';
import type { Learned, UnusableDecision } from './thread-messages.ts';

/** Learns for a version from nothing, one row after the other. The same rows give the same bits. */
export class RunLearner {
  readonly #configuration: VersionConfiguration;
  readonly #policy: LinearPolicy;
  readonly #state: PolicyState;
  readonly #reader = new LoggedRowReader();
  readonly #loss: ProgressiveLoss;

  constructor(configuration: VersionConfiguration) {
    this.#configuration = configuration;
    this.#policy = createLinearPolicy(configuration);
    this.#state = emptyPolicyState(configuration);
    this.#loss = new ProgressiveLoss(this.#policy);
  }

  /**
   * @param measured whether the loss of these rows is counted
   * @returns those from which nothing can be learned
   */
  learn(rows: readonly TextRow[], measured: boolean): UnusableDecision[] {
    const unusable: UnusableDecision[] = [];
    for (const { decision_id: id, value, data } of rows) {
      try {
        this.#learn({ decision_id: id, value, data: JSON.parse(data) as unknown }, measured);
      } catch (error) {
        unusable.push({ id, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    return unusable;
  }

  finish(metadata: CheckpointMetadata): Learned {
    return {
      files: encodeCheckpoint(this.#state, this.#configuration, metadata),
      decisions: this.#state.counters.decisions,
      meanLoss: this.#loss.mean,
    };
  }

  #learn(row: Parameters<LoggedRowReader['read']>[0], measured: boolean): void {
    const logged = this.#reader.read(row);
    const learned = measured ? this.#loss.before(this.#state, logged) : undefined;
    this.#policy.learn(this.#state, logged);
    learned?.();
  }
}
