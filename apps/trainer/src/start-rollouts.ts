import { type Database, listAllTenants } from '@rlaas/database';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { createRolloutMetrics } from './metrics/rollout-metrics.ts';
import { readOpenFigures } from './rollouts/open-figures.ts';
import { createRolloutWorker } from './rollouts/rollout-worker.ts';

/** How often is looked whether a rollout can go on. */
const LOOK_MS = 250;
const FIGURES_MS = 5_000;

/** Looks at rollouts until the service stops; several replicas may. */
export function startRollouts(options: {
  database: Database;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  registry: Registry;
  now: () => number;
}): void {
  const { database, lifecycle, logger, registry, now } = options;
  const metrics = createRolloutMetrics(registry);
  const rollouts = createRolloutWorker({
    database,
    now,
    onMoved({ policy, version, stage, share, outcome }, move) {
      metrics.moved(move.cause);
      logger.info({ policy, version, stage, share, outcome, ...move }, 'rollout moved');
    },
    onFailure(rollout, error) {
      metrics.failed();
      logger.error({ err: error, rollout }, 'a rollout could not be looked at');
    },
  });
  startWorkLoop({ name: 'rollouts', lifecycle, logger, idleMs: LOOK_MS, round: () => rollouts.round() });
  startWorkLoop({
    name: 'figures of rollouts',
    lifecycle,
    logger,
    idleMs: FIGURES_MS,
    async round() {
      const slugs = new Map((await listAllTenants(database)).map(({ id, slug }) => [id, slug]));
      const { open, shown } = await readOpenFigures(database, slugs, now(), (rollout, error) =>
        logger.warn({ err: error, rollout }, 'a rollout has no figures'),
      );
      metrics.seen(open, shown);
      return false;
    },
  });
}
