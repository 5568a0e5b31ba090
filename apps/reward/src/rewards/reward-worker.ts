import { type Database, listAllTenants } from '@rlaas/database';
import { SpecificationCache } from '../specifications/specification-cache.ts';
import { closeEpisodes } from './close-episodes.ts';
import { closeRewards } from './close-rewards.ts';
import { openRewards } from './open-rewards.ts';
import { releaseImports } from './release-imports.ts';
import type { RewardObserver, WorkerContext } from './worker-context.ts';

/** Rounds of work; several workers share it, since each takes what no other has. */
export interface RewardWorker {
  /** Takes delivered batches: opens rewards, and shows provisional ones. @returns how many deliveries were taken */
  open: () => Promise<number>;
  /** Gives decisions of imports that were completed their deadlines. @returns how many */
  release: () => Promise<number>;
  /** Closes rewards whose deadline has passed. @returns how many were looked at */
  close: () => Promise<number>;
  /** Closes rewards of episodes, those of one together. @returns how many were looked at */
  closeEpisodes: () => Promise<number>;
}

export function createRewardWorker(options: {
  database: Database;
  observe: RewardObserver;
  now: () => number;
}): RewardWorker {
  const context: WorkerContext = { ...options, specifications: new SpecificationCache() };
  const round =
    (work: (context: WorkerContext, tenants: readonly string[]) => Promise<number>) => async () => {
      const tenants = await listAllTenants(options.database);
      return work(
        context,
        tenants.map(({ id }) => id),
      );
    };
  return {
    open: round(openRewards),
    release: round(releaseImports),
    close: round(closeRewards),
    closeEpisodes: round(closeEpisodes),
  };
}
