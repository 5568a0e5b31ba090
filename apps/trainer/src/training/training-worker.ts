import { type Database, listAllTenants } from '@rlaas/database';
import type { ObjectStore } from '@rlaas/object-store';
import { type LearningVersion, findLearningVersions } from '../store/learning-versions.ts';
import { endLeases } from '../store/training-leases.ts';
import type { TrainingObserver } from './training-observer.ts';
import { VersionTrainer } from './version-trainer.ts';

export interface TrainingWorkerOptions {
  /** A UUID that no other running trainer has: leases name it. */
  holder: string;
  database: Database;
  store: ObjectStore;
  now: () => number;
  observe: TrainingObserver;
  onCheckpoint: (version: LearningVersion, number: number) => void;
  /** A version could not learn, or not from something; the others go on. */
  onFailure: (version: LearningVersion, error: unknown) => void;
}

export interface TrainingWorker {
  /** A batch for each version that no other trainer learns for, and a checkpoint where one is due. @returns whether there may be more */
  round: () => Promise<boolean>;
  /** Leaves all versions to other trainers at once. No round may run, or come after it. */
  release: () => Promise<void>;
}

/** A version that could not learn rests this long, and twice as long each time that it still cannot. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/** Lets every version learn that is not done. Of several trainers one at a time learns for a version. */
export function createTrainingWorker(options: TrainingWorkerOptions): TrainingWorker {
  const { holder, database, store, now, observe, onCheckpoint, onFailure } = options;
  let trainers = new Map<string, VersionTrainer>();
  let resting = new Map<string, { until: number; restMs: number }>();

  async function openTenants(): Promise<string[]> {
    const open = (await listAllTenants(database)).filter((tenant) => tenant.closed_at === null);
    return open.map((tenant) => tenant.id);
  }

  async function versions(): Promise<Map<string, LearningVersion>> {
    const found = await database.transaction(
      { role: 'rlaas_worker', tenants: await openTenants(), readOnly: true },
      findLearningVersions,
    );
    return new Map(
      found.map((version) => [`${version.tenant_id}/${version.policy}/${version.version}`, version]),
    );
  }

  /** Forgets what is no longer among the versions, or was taken over. */
  function keep(found: ReadonlyMap<string, LearningVersion>): void {
    const own = (key: string): boolean => {
      const version = found.get(key);
      return version !== undefined && !isElsewhere(version);
    };
    trainers = new Map([...trainers].filter(([key]) => own(key)));
    resting = new Map([...resting].filter(([key]) => own(key)));
  }

  function isElsewhere({ lease }: LearningVersion): boolean {
    return lease !== undefined && lease.holder !== holder && lease.expiresAt > now();
  }

  function trainerOf(key: string, version: LearningVersion): VersionTrainer {
    const trainer = new VersionTrainer({
      version,
      holder,
      database,
      store,
      now,
      observe,
      onTrouble: (error) => onFailure(version, error),
    });
    trainers.set(key, trainer);
    return trainer;
  }

  /** @returns whether there may be more to learn */
  async function advance(key: string, version: LearningVersion): Promise<boolean> {
    const trainer = trainers.get(key) ?? trainerOf(key, version);
    const more = await trainer.learn();
    if (more === undefined) {
      // Another one was faster. When this one has its turn again, it begins from what is stored.
      trainers.delete(key);
      return false;
    }
    const number = await trainer.save();
    if (number !== undefined) onCheckpoint(version, number);
    return more;
  }

  return {
    async round() {
      const found = await versions();
      keep(found);
      let more = false;
      for (const [key, version] of found) {
        const rest = resting.get(key);
        if (isElsewhere(version) || (rest && rest.until > now())) continue;
        try {
          more = (await advance(key, version)) || more;
          resting.delete(key);
        } catch (error) {
          const restMs = rest ? Math.min(rest.restMs * 2, LONGEST_REST_MS) : FIRST_REST_MS;
          resting.set(key, { until: now() + restMs, restMs });
          // Forgotten, so that the next round begins from what is stored.
          trainers.delete(key);
          observe.failed();
          onFailure(version, error);
        }
      }
      observe.holds(trainers.size);
      return more;
    },
    async release() {
      const tenants = await openTenants();
      await database.transaction({ role: 'rlaas_worker', tenants }, (tx) => endLeases(tx, holder, now()));
    },
  };
}
