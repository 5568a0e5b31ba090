import { randomUUID } from 'node:crypto';
import { type Database, listAllTenants } from '@rlaas/database';
import type { ObjectStore } from '@rlaas/object-store';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { createTrainingMetrics } from './metrics/training-metrics.ts';
import { readTrainingBacklog } from './store/training-backlog.ts';
import { createCheckpointRetention } from './training/checkpoint-retention.ts';
import { createTrainingWorker } from './training/training-worker.ts';

/** How often is looked for rewards where there were none. */
const POLL_MS = 200;
const RETENTION_MS = 60_000;
const BACKLOG_MS = 10_000;

/** Starts what runs beside requests; several replicas share the versions. */
export function startTraining(options: {
  database: Database;
  store: ObjectStore;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  registry: Registry;
  now: () => number;
}): void {
  const { database, store, lifecycle, logger, registry, now } = options;
  const metrics = createTrainingMetrics(registry);
  const worker = createTrainingWorker({
    holder: randomUUID(),
    database,
    store,
    now,
    observe: metrics,
    onCheckpoint: ({ policy, version }, checkpoint) =>
      logger.info({ policy, version, checkpoint }, 'checkpoint written'),
    onFailure: ({ policy, version }, error) =>
      logger.error({ err: error, policy, version }, 'a version could not learn'),
  });
  const retention = createCheckpointRetention({ database, store, now, observe: metrics });
  // After the loop has ended, and while there are connections.
  lifecycle.onStop('resources', 'training leases', () => worker.release());
  startWorkLoop({ name: 'training', lifecycle, logger, idleMs: POLL_MS, round: worker.round });
  startWorkLoop({
    name: 'retention of checkpoints',
    lifecycle,
    logger,
    idleMs: RETENTION_MS,
    round: retention.round,
  });
  startWorkLoop({
    name: 'backlog of training',
    lifecycle,
    logger,
    idleMs: BACKLOG_MS,
    async round() {
      const tenants = (await listAllTenants(database)).map(({ id }) => id);
      metrics.backlog(
        await database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, (tx) =>
          readTrainingBacklog(tx, now()),
        ),
      );
      return false;
    },
  });
}
