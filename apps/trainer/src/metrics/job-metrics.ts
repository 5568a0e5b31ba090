import { JobInterrupted, JobRefused } from '@rlaas/database';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Watches the work of jobs: evaluations and training runs. */
export type JobObserver = <Result>(kind: string, work: () => Promise<Result>) => Promise<Result>;

/** The metrics of jobs, of these kinds. */
export function createJobMetrics(registry: Registry, kinds: readonly string[]): JobObserver {
  const registers = [registry];
  const runs = new Counter({
    name: 'rlaas_trainer_job_runs_total',
    help: 'Times that a job was worked on, by how that ended; one that was interrupted or failed may be taken up again.',
    labelNames: ['kind', 'result'],
    registers,
  });
  const seconds = new Histogram({
    name: 'rlaas_trainer_job_seconds',
    help: 'How long a job was worked on, until its end or until it was interrupted.',
    labelNames: ['kind'],
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400],
    registers,
  });
  for (const kind of kinds) {
    for (const result of ['done', 'refused', 'interrupted', 'failed']) runs.inc({ kind, result }, 0);
    seconds.zero({ kind });
  }
  return async (kind, work) => {
    const end = seconds.startTimer({ kind });
    let result = 'done';
    try {
      return await work();
    } catch (error) {
      result =
        error instanceof JobInterrupted ? 'interrupted' : error instanceof JobRefused ? 'refused' : 'failed';
      throw error;
    } finally {
      end();
      runs.inc({ kind, result });
    }
  };
}
