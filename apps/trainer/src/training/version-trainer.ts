import { createHash } from 'node:crypto';
import type { Database, Transaction } from '@rlaas/database';
import {
  CheckpointError,
  DecisionFeatures,
  type LinearPolicy,
  type PolicyState,
  createLinearPolicy,
  decodeState,
  emptyPolicyState,
  encodeModel,
  encodeResume,
} from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import { type VersionConfiguration, decisionEventSchema, versionConfigurationSchema } from '@rlaas/schemas';
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
  readonly #onTrouble: (error: Error) => void;
  readonly #configuration: VersionConfiguration;
  readonly #policy: LinearPolicy;
  readonly #features = new DecisionFeatures();
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
    /** Something could not be used, and learning goes on without it. */
    onTrouble: (error: Error) => void;
  }) {
    this.#version = options.version;
    this.#database = options.database;
    this.#store = options.store;
    this.#now = options.now;
    this.#onTrouble = options.onTrouble;
    this.#configuration = versionConfigurationSchema.parse(options.version.configuration);
    this.#policy = createLinearPolicy(this.#configuration);
    this.#state = emptyPolicyState(this.#configuration);
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
    const metadata = { policy, version, position };
    const folder = `checkpoints/v1/tenant=${tenantId}/${policy}/${version}/${String(position).padStart(12, '0')}`;
    const put = async (
      part: string,
      file: Uint8Array,
    ): Promise<{ key: string; sha256: string; bytes: number }> => {
      const sha256 = createHash('sha256').update(file).digest('hex');
      const key = `${folder}-${sha256.slice(0, 16)}.${part}.safetensors`;
      // The content is in the name: what a killed trainer left there is the same.
      await this.#store.put(key, file, { ifAbsent: true, sha256 });
      return { key, sha256, bytes: file.length };
    };
    const { decisions } = this.#state.counters;
    const resume = await put('resume', encodeResume(this.#state, this.#configuration, metadata));
    const model = await put('model', encodeModel(this.#state, this.#configuration, metadata));
    const number = await this.#transaction(async (tx) => {
      await lockVersion(tx, `${tenantId}/${policy}/${version}`);
      return insertCheckpoint(
        tx,
        {
          tenantId,
          policy,
          version,
          position,
          model,
          resume,
          metadata: { decisions, model_bytes: model.bytes, resume_bytes: resume.bytes },
        },
        this.#now(),
      );
    });
    this.#saved = { position, at: this.#now() };
    return number;
  }

  async #load(): Promise<void> {
    const { object_key: modelKey, resume_key: resumeKey } = this.#version;
    if (modelKey !== null && resumeKey !== null) {
      const [model, resume] = [await this.#get(modelKey), await this.#get(resumeKey)];
      this.#resume(model, resume);
    }
    this.#loaded = true;
  }

  /** Goes on from a checkpoint; from one that is damaged not: all that was learned is in the training log, too. */
  #resume(model: Uint8Array, resume: Uint8Array): void {
    try {
      const { state, metadata } = decodeState(model, resume, this.#configuration);
      this.#state = state;
      this.#position = metadata.position;
      this.#saved = { position: metadata.position, at: 0 };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      this.#onTrouble(new Error('the newest checkpoint is damaged: learning anew', { cause: error }));
    }
  }

  /** An object, which ends with an error when its bytes are not those that were stored. */
  async #get(key: string): Promise<Buffer> {
    const object = await this.#store.get(key);
    if (!object) throw new Error(`there is no object ${key}`);
    const chunks: Buffer[] = [];
    for await (const chunk of object.body) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  /**
   * One that cannot be learned from is told and counted: it is in the training log, and whoever learns from that finds it
   * as impossible, so that the bits are the same.
   */
  #apply({ data, value, decision_id: id }: LearnableRow): void {
    try {
      const { context, actions, chosen, propensity, excluded } = decisionData.parse(data);
      const out = new Set(excluded);
      const allowed =
        out.size === 0 ? undefined : Uint8Array.from(actions, (action) => (out.has(action.id) ? 0 : 1));
      this.#features.read(context, actions);
      this.#policy.learn(this.#state, {
        features: this.#features,
        allowed,
        decisionId: id,
        chosen,
        propensity,
        reward: value,
      });
    } catch (error) {
      this.#onTrouble(new Error(`decision ${id} cannot be learned from`, { cause: error }));
    }
    this.#position += 1;
  }

  #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction({ role: 'rlaas_worker', tenants: [this.#version.tenant_id] }, work);
  }
}
