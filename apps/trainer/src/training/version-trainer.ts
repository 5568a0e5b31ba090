import type { Database, Transaction } from '@rlaas/database';
import { type PolicyState, emptyPolicyState } from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import { insertCheckpoint } from '../store/checkpoints.ts';
import {
  type LearnableReward,
  type NewReward,
  type RewardOrder,
  type RewardPlace,
  findRecentRewards,
  findRewardsBehind,
} from '../store/learnable-rewards.ts';
import { type LearningVersion, lockVersion } from '../store/learning-versions.ts';
import { appendTrainingLog, findLearned, readPosition } from '../store/training-log.ts';
import { encodeCheckpoint, loadCheckpoint, storeCheckpoint } from './checkpoint-files.ts';
import { DecisionLearner, type Refusal } from './decision-learner.ts';
import { LEASE_MS, holdLease } from './training-lease.ts';
import type { TrainingObserver } from './training-observer.ts';

/** Rewards per transaction. */
const BATCH = 500;
/**
 * Mostly only what closed lately is looked at: since the last look, and as long before it as a COMMIT may take and
 * clocks may differ. All rewards of the policy, in pages, are looked at when a trainer begins, and this often, in case
 * that was not long enough.
 */
const OVERLAP_MS = 30_000;
const LOOK_AT_ALL_EACH_MS = 3_600_000;
const PAGE = 5_000;
/** Checkpoints of a version are at least this far apart. */
const CHECKPOINT_EACH_MS = 2_000;

export interface VersionTrainerOptions {
  version: LearningVersion;
  /** The running trainer, in the lease. */
  holder: string;
  database: Database;
  store: ObjectStore;
  now: () => number;
  observe: TrainingObserver;
  /** Something could not be used, and learning goes on without it. */
  onTrouble: (error: Error) => void;
}

/** What a transaction found to learn. */
type Found =
  | { kind: 'elsewhere' }
  /** Behind what is logged: after a restart, a COMMIT whose answer was lost, or another trainer's turn. */
  | { kind: 'logged'; epoch: number; rewards: LearnableReward[] }
  | { kind: 'new'; epoch: number; rewards: NewReward[]; search: Search };

/**
 * How far the search for rewards is: all of them are gone through, up to a place; or all that closed until a time are
 * known.
 */
type Search =
  | { kind: 'all'; order: RewardOrder; after: RewardPlace | undefined; beganAt: number }
  | { kind: 'recent'; knownUntil: number; allAt: number };

/**
 * Learns for one version. What was learned is in memory; where it stands is in the training log, so that after a
 * crash, or when another trainer went on meanwhile, the same rewards in the same order give the same weights again.
 */
export class VersionTrainer {
  readonly #options: VersionTrainerOptions;
  readonly #configuration: VersionConfiguration;
  readonly #learner: DecisionLearner;
  #state: PolicyState;
  /** How many rewards of the training log `#state` has learned. */
  #position = 0;
  /** Of the lease under which it learned last. */
  #epoch = 0;
  /** Position of the newest checkpoint that this trainer knows of, and when it was made. */
  #saved = { position: 0, at: 0 };
  /** The newest checkpoint could not be used: the one that is written next takes its place. */
  #replaces = false;
  #loaded = false;
  /** `undefined`: it has not begun. */
  #search: Search | undefined;

  constructor(options: VersionTrainerOptions) {
    this.#options = options;
    this.#configuration = versionConfigurationSchema.parse(options.version.configuration);
    this.#learner = new DecisionLearner(this.#configuration);
    this.#state = emptyPolicyState(this.#configuration);
  }

  /** Learns from the next rewards. @returns whether there may be more; `undefined` while another trainer learns for it */
  async learn(): Promise<boolean | undefined> {
    if (!this.#loaded) await this.#load();
    const found = await this.#transaction((tx) => this.#find(tx));
    if (found.kind === 'elsewhere') return undefined;
    this.#epoch = found.epoch;
    const { observe } = this.#options;
    // Only now that it is stored: what is in memory is never ahead of the log.
    if (found.kind === 'new') {
      this.#search = found.search;
      for (const reward of found.rewards) this.#learnNew(reward);
    } else {
      for (const reward of found.rewards) this.#apply(reward);
      observe.replayed(found.rewards.length);
    }
    return found.rewards.length > 0 || (found.kind === 'new' && found.search.kind === 'all');
  }

  /** Writes and announces a checkpoint, when something was learned and the last one is old enough. @returns its number */
  async save(): Promise<number | undefined> {
    const { version, store, now, observe } = this.#options;
    if (this.#position <= this.#saved.position || now() - this.#saved.at < CHECKPOINT_EACH_MS)
      return undefined;
    const position = this.#position;
    const { decisions } = this.#state.counters;
    const { policy, version: name } = version;
    const encoded = encodeCheckpoint(this.#state, this.#configuration, { policy, version: name, position });
    const files = await storeCheckpoint(store, version, position, encoded, this.#replaces);
    const metadata = { decisions, model_bytes: files.model.bytes, resume_bytes: files.resume.bytes };
    const registered = await this.#transaction(async (tx) => {
      await lockVersion(tx, version);
      // Storing the files may have taken longer than the lease lasts.
      if ((await this.#hold(tx)) !== this.#epoch) return 'elsewhere';
      return insertCheckpoint(tx, version, { position, ...files, metadata }, now());
    });
    if (registered === 'elsewhere') return undefined;
    this.#saved = { position, at: now() };
    if (registered === undefined) return undefined;
    this.#replaces = false;
    observe.checkpointWritten({ bytes: files.model.bytes + files.resume.bytes });
    return registered;
  }

  async #find(tx: Transaction): Promise<Found> {
    const { version, now } = this.#options;
    await lockVersion(tx, version);
    const epoch = await this.#hold(tx);
    if (epoch === undefined) return { kind: 'elsewhere' };
    const position = await readPosition(tx, version);
    if (this.#position < position) {
      const rewards = await findLearned(tx, version, { after: this.#position, limit: BATCH });
      return { kind: 'logged', epoch, rewards };
    }
    const { rewards, search } = await this.#searchOn(tx, now());
    if (rewards.length > 0) await appendTrainingLog(tx, version, position, rewards);
    return { kind: 'new', epoch, rewards, search };
  }

  async #searchOn(tx: Transaction, at: number): Promise<{ rewards: NewReward[]; search: Search }> {
    const { version } = this.#options;
    const early = this.#configuration.learner.learn_early;
    const search = this.#search;
    if (search?.kind === 'recent' && at - search.allAt < LOOK_AT_ALL_EACH_MS) {
      const since = search.knownUntil - OVERLAP_MS;
      const rewards = await findRecentRewards(tx, version, { early, since, limit: BATCH });
      // Of a full batch nothing is known but its rewards.
      return { rewards, search: rewards.length < BATCH ? { ...search, knownUntil: at } : search };
    }
    const all: Search & { kind: 'all' } =
      search?.kind === 'all' ? search : { kind: 'all', order: 'final', after: undefined, beganAt: at };
    const pageOf = (order: RewardOrder, after: RewardPlace | undefined) =>
      findRewardsBehind(tx, version, { early, order, after, page: PAGE, limit: BATCH });
    const { rewards, next } = await pageOf(all.order, all.after);
    if (next) return { rewards: inOrder(rewards), search: { ...all, after: next } };
    if (early && all.order === 'final') {
      const open = await pageOf('provisional', undefined);
      const both = inOrder([...rewards, ...open.rewards]);
      if (open.next) return { rewards: both, search: { ...all, order: 'provisional', after: open.next } };
      return { rewards: both, search: { kind: 'recent', knownUntil: all.beganAt, allAt: all.beganAt } };
    }
    // What closed behind the place since it began is found by its time.
    return {
      rewards: inOrder(rewards),
      search: { kind: 'recent', knownUntil: all.beganAt, allAt: all.beganAt },
    };
  }

  #hold(tx: Transaction): Promise<number | undefined> {
    const { version, holder, now } = this.#options;
    return holdLease(tx, version, holder, now());
  }

  /** Goes on from the newest checkpoint; from one that is refused not: all that was learned is in the training log, too. */
  async #load(): Promise<void> {
    const { version, store, observe, onTrouble } = this.#options;
    if (version.object_key !== null && version.resume_key !== null) {
      const keys = { model: version.object_key, resume: version.resume_key };
      const loaded = await loadCheckpoint(store, keys, this.#configuration);
      if ('refused' in loaded) {
        observe.checkpointRefused();
        onTrouble(new Error('the newest checkpoint is damaged: learning anew', { cause: loaded.refused }));
        this.#replaces = true;
        // Until it has come as far as that one, none of its own would be registered.
        this.#saved = { position: version.position - 1, at: 0 };
      } else {
        this.#state = loaded.state;
        this.#position = loaded.position;
        this.#saved = { position: loaded.position, at: 0 };
      }
    }
    this.#loaded = true;
  }

  #learnNew(reward: NewReward): void {
    const { observe, now } = this.#options;
    const refusal = this.#apply(reward);
    if (refusal) observe.refused(refusal.reason);
    else {
      const value = reward.provisional ? 'provisional' : 'final';
      observe.learned({ value, lagMs: now() - reward.learnable_at });
    }
  }

  /**
   * One that cannot be learned from is told: it is in the training log, and whoever learns from that finds it as
   * impossible, so that the bits are the same.
   */
  #apply(reward: LearnableReward): Refusal | undefined {
    const refusal = this.#learner.learn(this.#state, reward);
    if (refusal) this.#options.onTrouble(refusal.error);
    this.#position += 1;
    return refusal;
  }

  #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { database, version } = this.#options;
    // A trainer that is stopped for long must not keep the lock from the one that takes over.
    const limits = { idleTimeoutMs: LEASE_MS };
    return database.transaction({ role: 'rlaas_worker', tenants: [version.tenant_id], ...limits }, work);
  }
}

/** In the order in which they could be learned, as far as they are known. */
function inOrder(rewards: readonly NewReward[]): NewReward[] {
  return rewards.toSorted(
    (a, b) => a.learnable_at - b.learnable_at || (a.decision_id < b.decision_id ? -1 : 1),
  );
}
