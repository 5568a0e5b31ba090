import { type Database, listAllTenants } from '@rlaas/database';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { createRewardMetrics } from './metrics/reward-metrics.ts';
import { createRewardWorker } from './rewards/reward-worker.ts';
import { readBacklog } from './store/backlog.ts';

/** How often is looked for work where there was none. */
const POLL_MS = 100;
const IMPORTS_MS = 1_000;
const BACKLOG_MS = 10_000;

/** Starts what runs beside requests; several replicas share the work. */
export function startRewarding(options: {
  database: Database;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  registry: Registry;
  now: () => number;
}): void {
  const { database, lifecycle, logger, registry, now } = options;
  const metrics = createRewardMetrics(registry);
  const worker = createRewardWorker({ database, observe: metrics, now });
  const loop = (name: string, idleMs: number, round: () => Promise<number>): void =>
    startWorkLoop({ name, lifecycle, logger, idleMs, round: async () => (await round()) > 0 });
  // Two at a time: while one computes, Postgres reads for the other.
  for (const name of ['open rewards', 'open more rewards']) loop(name, POLL_MS, worker.open);
  loop('close rewards', POLL_MS, worker.close);
  loop('close rewards of episodes', POLL_MS, worker.closeEpisodes);
  loop('rewards of imports', IMPORTS_MS, worker.release);
  loop('backlog of rewards', BACKLOG_MS, async () => {
    const tenants = (await listAllTenants(database)).map(({ id }) => id);
    metrics.backlog(
      await database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, (tx) =>
        readBacklog(tx, now()),
      ),
    );
    return 0;
  });
}
