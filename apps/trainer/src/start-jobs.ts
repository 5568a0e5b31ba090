import { type Database, type JobKind, type JobQueue, type JobWork, openJobQueue } from '@rlaas/database';
import { type WorkLoopOptions, startWorkLoop } from '@rlaas/service';

const REOPEN_MS = 1_000;

/** A kind of job with who does it. */
export interface JobWorker {
  kind: { name: string };
  /** Takes jobs of the kind from a queue. */
  serve: (queue: JobQueue) => Promise<void>;
}

export function jobWorker<Input, State>(kind: JobKind<Input, State>, work: JobWork<Input, State>): JobWorker {
  return { kind, serve: (queue) => queue.work(kind, work) };
}

/**
 * Opens the queue of jobs as soon as Postgres answers, and does the jobs of these kinds, of each one at a time.
 * @returns the queue, as soon as it is open
 */
export function startJobs(
  options: Pick<WorkLoopOptions, 'lifecycle' | 'logger'> & {
    database: Database;
    directUrl: string;
    now: () => number;
    workers: readonly JobWorker[];
  },
): () => JobQueue | undefined {
  const { database, directUrl, lifecycle, logger, now, workers } = options;
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
        applicationName: 'rlaas-trainer-jobs',
        now,
        onError: (error) => logger.warn({ err: error }, 'the queue of jobs failed; it is tried again'),
        onFailed: (job, error) => logger.error({ err: error, ...job }, 'a job failed'),
      });
      try {
        for (const { kind } of workers) await opened.define(kind);
        for (const { serve } of workers) await serve(opened);
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
