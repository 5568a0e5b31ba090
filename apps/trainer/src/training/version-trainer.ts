import { createHash } from 'node:crypto';
import type { Database, Transaction } from '@rlaas/database';
import {
  type LinearPolicy,
  type PolicyState,
  createLinearPolicy,
  decodeCheckpoint,
  emptyPolicyState,
  encodeCheckpoint,
} from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import { decisionEventSchema, versionConfigurationSchema } from '@rlaas/schemas';
import {
  type LearnableRow,
  type LearningVersion,
  appendTrainingLog,
  findLearned,
  findNewRewards,
  insertCheckpoint,
  lockVersion,
  readPosition,
} from '../store/training.ts';

/** Rewards per transaction. */
const BATCH = 500;
/** Checkpoints of a version are at least this far apart. */
const CHECKPOINT_EACH_MS = 2_000;

const decisionData = decisionEventSchema.shape.data;

/**
 * Learns for one version. What was learned is in memory; where it stands is in the training log, so that after a
 * crash, or when another trainer went on meanwhile, the same rewards in the same order give the same weights again.
 */
export class VersionTrainer {
  readonly #version: LearningVersion;
  readonly #database: Database;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #policy: LinearPolicy;
  #state: PolicyState;
  /** How many rewards of the training log `#state` has learned. */
  #position = 0;
  /** Position of the newest checkpoint that this trainer knows of, and when it was made. */
  #saved = { position: 0, at: 0 };
  #loaded = false;

  constructor(options: {
    version: LearningVersion;
    database: Database;
    store: ObjectStore;
    now: () => number;
  }) {
    this.#version = options.version;
    this.#database = options.database;
    this.#store = options.store;
    this.#now = options.now;
    const configuration = versionConfigurationSchema.parse(options.version.configuration);
    this.#policy = createLinearPolicy(configuration);
    this.#state = emptyPolicyState(configuration);
  }

  /** Learns from the next rewards. @returns how many */
  async learn(): Promise<number> {
    if (!this.#loaded) await this.#load();
    const { tenant_id: tenantId, policy, version } = this.#version;
    let position = this.#position;
    let rows: LearnableRow[] = [];
    await this.#transaction(async (tx) => {
      await lockVersion(tx, `${tenantId}/${policy}/${version}`);
      position = await readPosition(tx, tenantId, policy, version);
      // Behind what is logged: after a restart, a COMMIT whose answer was lost, or another trainer's turn.
      rows =
        this.#position < position
          ? await findLearned(tx, tenantId, policy, version, this.#position, BATCH)
          : await findNewRewards(tx, tenantId, policy, version, BATCH);
      if (this.#position < position || rows.length === 0) return;
      await appendTrainingLog(
        tx,
        tenantId,
        policy,
        version,
        position,
        rows.map((row) => row.decision_id),
      );
    });
    // Only now that it is stored: what is in memory is never ahead of the log.
    for (const row of rows) this.#apply(row);
    return rows.length;
  }

  /** Writes and announces a checkpoint, when something was learned and the last one is old enough. @returns its number */
  async save(): Promise<number | undefined> {
    if (this.#position <= this.#saved.position || this.#now() - this.#saved.at < CHECKPOINT_EACH_MS)
      return undefined;
    const { tenant_id: tenantId, policy, version } = this.#version;
    const position = this.#position;
    const file = encodeCheckpoint(this.#state, { policy, version, position });
    const sha256 = createHash('sha256').update(file).digest('hex');
    const objectKey = `checkpoints/v1/tenant=${tenantId}/${policy}/${version}/${String(position).padStart(12, '0')}-${sha256.slice(0, 16)}.safetensors`;
    // The content is in the name: what a killed trainer left there is the same.
    await this.#store.put(objectKey, file, { ifAbsent: true, sha256 });
    const number = await this.#transaction((tx) =>
      insertCheckpoint(tx, { tenantId, policy, version, position, objectKey, sha256 }, this.#now()),
    );
    this.#saved = { position, at: this.#now() };
    return number;
  }

  async #load(): Promise<void> {
    const { object_key: key } = this.#version;
    if (key !== null) {
      const object = await this.#store.get(key);
      if (!object) throw new Error(`there is no object ${key}`);
      const chunks: Buffer[] = [];
      for await (const chunk of object.body) chunks.push(chunk as Buffer);
      const { state, metadata } = decodeCheckpoint(Buffer.concat(chunks));
      this.#state = state;
      this.#position = metadata.position;
      this.#saved = { position: metadata.position, at: 0 };
    }
    this.#loaded = true;
  }

  #apply({ data, value, decision_id: id }: LearnableRow): void {
    const { context, actions, chosen, propensity } = decisionData.parse(data);
    try {
      this.#policy.learn(this.#state, { context, actions, chosen, propensity, reward: value });
    } catch (error) {
      throw new Error(`decision ${id} cannot be learned from`, { cause: error });
    }
    this.#position += 1;
  }

  #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction({ role: 'rlaas_worker', tenants: [this.#version.tenant_id] }, work);
  }
}
