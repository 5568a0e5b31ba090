import { type Database, type JobQueue, openJobQueue } from '@rlaas/database';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import { recomputeKind } from './recomputing/recompute-kind.ts';
import { recompute } from './recomputing/recompute.ts';

const REOPEN_MS = 1_000;

/**
 * Opens the queue of jobs as soon as Postgres answers, and does recomputations.
 * @returns the queue, as soon as it is open
 */
export function startRecomputing(options: {
  database: Database;
  directUrl: string;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  now: () => number;
}): () => JobQueue | undefined {
  const { database, directUrl, lifecycle, logger, now } = options;
  let queue: JobQueue | undefined;
  startWorkLoop({
    name: 'queue of jobs',
    lifecycle,
    logger,
    idleMs: REOPEN_MS,
    round: async () => {
      if (queue) return false;
      const opened = await openJobQueue({
        database,
        directUrl,
        applicationName: 'rlaas-reward-jobs',
        now,
        onError: (error) => logger.warn({ err: error }, 'the queue of jobs failed; it is tried again'),
        onFailed: (job, error) => logger.error({ err: error, ...job }, 'a job failed'),
      });
      try {
        await opened.define(recomputeKind);
        await opened.work(recomputeKind, (context) => recompute({ database, now }, context));
      } catch (error) {
        await opened.close();
        throw error;
      }
      queue = opened;
      return false;
    },
  });
  lifecycle.onStop('workers', 'jobs', async () => queue?.close());
  return () => queue;
}
