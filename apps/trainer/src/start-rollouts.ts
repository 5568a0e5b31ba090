import type { Database } from '@rlaas/database';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import { createRolloutWorker } from './rollouts/rollout-worker.ts';

/** How often is looked whether a rollout can go on. */
const LOOK_MS = 250;

/** Looks at rollouts until the service stops; several replicas may. */
export function startRollouts(options: {
  database: Database;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  now: () => number;
}): void {
  const { database, lifecycle, logger, now } = options;
  const rollouts = createRolloutWorker({
    database,
    now,
    onMoved: ({ policy, version, stage, share, outcome }, move) =>
      logger.info({ policy, version, stage, share, outcome, ...move }, 'rollout moved'),
    onFailure: (rollout, error) => logger.error({ err: error, rollout }, 'a rollout could not be looked at'),
  });
  startWorkLoop({ name: 'rollouts', lifecycle, logger, idleMs: LOOK_MS, round: () => rollouts.round() });
}
