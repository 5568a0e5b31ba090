import { type Database, listAllTenants } from '@rlaas/database';
import type { ObjectStore } from '@rlaas/object-store';
import { type LearningVersion, findLearningVersions } from '../store/training.ts';
import { VersionTrainer } from './version-trainer.ts';

export interface TrainingWorkerOptions {
  database: Database;
  store: ObjectStore;
  now: () => number;
  onCheckpoint: (version: LearningVersion, number: number) => void;
  /** A version could not learn, or not from something; the others go on. */
  onFailure: (version: LearningVersion, error: unknown) => void;
}

/** A version that could not learn rests this long, and twice as long each time that it still cannot. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/** Lets every version learn that is not done. One round: a batch for each, and a checkpoint where one is due. */
export function createTrainingWorker(options: TrainingWorkerOptions): { round(): Promise<boolean> } {
  const { database, store, now, onCheckpoint, onFailure } = options;
  const trainers = new Map<string, VersionTrainer>();
  const resting = new Map<string, { until: number; restMs: number }>();

  async function versions(): Promise<LearningVersion[]> {
    const open = (await listAllTenants(database)).filter((tenant) => tenant.closed_at === null);
    const tenants = open.map((tenant) => tenant.id);
    return database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, findLearningVersions);
  }

  function trainerOf(key: string, version: LearningVersion): VersionTrainer {
    const trainer = new VersionTrainer({
      version,
      database,
      store,
      now,
      onTrouble: (error) => onFailure(version, error),
    });
    trainers.set(key, trainer);
    return trainer;
  }

  return {
    async round() {
      let more = false;
      for (const version of await versions()) {
        const key = `${version.tenant_id}/${version.policy}/${version.version}`;
        const rest = resting.get(key);
        if (rest && rest.until > now()) continue;
        try {
          const trainer = trainers.get(key) ?? trainerOf(key, version);
          more = (await trainer.learn()) > 0 || more;
          const number = await trainer.save();
          if (number !== undefined) onCheckpoint(version, number);
          resting.delete(key);
        } catch (error) {
          const restMs = rest ? Math.min(rest.restMs * 2, LONGEST_REST_MS) : FIRST_REST_MS;
          resting.set(key, { until: now() + restMs, restMs });
          // Forgotten, so that the next round begins from what is stored.
          trainers.delete(key);
          onFailure(version, error);
        }
      }
      return more;
    },
  };
}
