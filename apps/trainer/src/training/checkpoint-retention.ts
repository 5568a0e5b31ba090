import { type Database, type Transaction, listAllTenants } from '@rlaas/database';
import { type ObjectStore, listAll } from '@rlaas/object-store';
import { deleteOutdatedCheckpoints, findCheckpointed, findNamedObjects } from '../store/kept-checkpoints.ts';
import type { VersionKey } from '../store/version-key.ts';
import { checkpointFolder, positionOfKey } from './checkpoint-files.ts';
import type { TrainingObserver } from './training-observer.ts';

/** Checkpoints that are removed in one transaction. */
const BATCH = 5_000;
/** How often the folders of all versions are looked through, and not only of those that lost a checkpoint. */
const SWEEP_EACH_MS = 3_600_000;

export interface CheckpointRetentionOptions {
  database: Database;
  store: Pick<ObjectStore, 'list' | 'delete' | 'sweep'>;
  now: () => number;
  observe: Pick<TrainingObserver, 'checkpointsRemoved'>;
}

/**
 * Removes checkpoints that are kept no longer: first their rows, then objects that no row names. A crash in between
 * leaves objects without a row, which the first round after a start removes, and any other once an hour. Several
 * replicas may do it at the same time.
 */
export function createCheckpointRetention(options: CheckpointRetentionOptions): {
  /** @returns whether there may be more to remove */
  round: () => Promise<boolean>;
} {
  const { database, store, now, observe } = options;
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** Versions whose folder is still to be looked through, also after a round that failed. */
  const waiting = new Map<string, VersionKey>();

  async function inAllTenants<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tenants = (await listAllTenants(database)).map(({ id }) => id);
    return database.transaction({ role: 'rlaas_worker', tenants }, work);
  }

  /** @returns how many objects were removed */
  async function sweep(version: VersionKey): Promise<number> {
    const folder = checkpointFolder(version);
    const found: string[] = [];
    for await (const { key } of listAll(store, folder)) found.push(key);
    // After the listing: whatever was registered before it is named, and what is registered later is newer.
    const named = await database.transaction(
      { role: 'rlaas_worker', tenants: [version.tenant_id], readOnly: true },
      (tx) => findNamedObjects(tx, version),
    );
    let removed = 0;
    for (const key of found) {
      const position = positionOfKey(folder, key);
      // One as new as the newest may be about to be registered; one that is older never can be.
      if (position === undefined || position >= named.position || named.keys.has(key)) continue;
      await store.delete(key);
      removed += 1;
    }
    return removed;
  }

  const wait = (version: VersionKey): unknown => waiting.set(checkpointFolder(version), version);

  return {
    async round() {
      const deleted = await inAllTenants((tx) => deleteOutdatedCheckpoints(tx, now(), BATCH));
      for (const version of deleted) wait(version);
      observe.checkpointsRemoved({ checkpoints: deleted.length, objects: 0 });
      if (now() - sweptAt >= SWEEP_EACH_MS) {
        for (const version of await inAllTenants(findCheckpointed)) wait(version);
        await store.sweep();
        sweptAt = now();
      }
      for (const [folder, version] of waiting) {
        observe.checkpointsRemoved({ checkpoints: 0, objects: await sweep(version) });
        waiting.delete(folder);
      }
      return deleted.length === BATCH;
    },
  };
}
