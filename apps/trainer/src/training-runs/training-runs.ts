import type { Database, JobQueue, Jobs } from '@rlaas/database';
import {
  type Job,
  type JobStatus,
  type StartTrainingRun,
  type TrainingRun,
  trainingRunSchema,
} from '@rlaas/schemas';
import { hasFinalRewards } from '../store/training-runs.ts';
import { type RunRefusal, emptyPeriod, examineVersion } from './run-refusal.ts';
import { trainingRunKind } from './training-run-kind.ts';

/** What became of the wish for a training run. */
type StartOutcome =
  | { outcome: 'started' | 'known'; run: TrainingRun }
  | { outcome: 'refused'; refusal: RunRefusal }
  /** The queue cannot be reached yet. */
  | { outcome: 'unavailable' };

/** Starts training runs and shows them. */
export interface TrainingRuns {
  start: (
    tenantId: string,
    actor: string,
    asked: { wanted: StartTrainingRun; idempotencyKey: string | undefined },
  ) => Promise<StartOutcome>;
  /** The newest first. */
  list: (
    tenantId: string,
    filter: { status?: JobStatus | undefined },
    page: { after: string | undefined; limit: number },
  ) => Promise<TrainingRun[]>;
}

/** @param queue `undefined` as long as it is not open */
export function createTrainingRuns(options: {
  database: Database;
  jobs: Pick<Jobs, 'list' | 'findByKey'>;
  queue: () => Pick<JobQueue, 'start'> | undefined;
}): TrainingRuns {
  const { database, jobs } = options;
  const { name: kind } = trainingRunKind;

  function refusalOf(tenantId: string, wanted: StartTrainingRun): Promise<RunRefusal | undefined> {
    return database.transaction({ role: 'rlaas_worker', tenants: [tenantId], readOnly: true }, async (tx) => {
      const examined = await examineVersion(tx, tenantId, wanted);
      if ('refusal' in examined) return examined.refusal;
      return (await hasFinalRewards(tx, tenantId, wanted)) ? undefined : emptyPeriod(wanted);
    });
  }

  return {
    async start(tenantId, actor, { wanted, idempotencyKey }) {
      // A request that is made again finds its run, also when that has taught the version meanwhile.
      const known =
        idempotencyKey === undefined ? undefined : await jobs.findByKey(tenantId, kind, idempotencyKey);
      if (known) return { outcome: 'known', run: runOf(known) };
      const refusal = await refusalOf(tenantId, wanted);
      if (refusal) return { outcome: 'refused', refusal };
      const queue = options.queue();
      if (!queue) return { outcome: 'unavailable' };
      const { job, isNew } = await queue.start(trainingRunKind, {
        tenantId,
        actor,
        input: wanted,
        idempotencyKey,
      });
      return { outcome: isNew ? 'started' : 'known', run: runOf(job) };
    },
    async list(tenantId, { status }, page) {
      return (await jobs.list(tenantId, { kind, status }, page)).map(runOf);
    },
  };
}

function runOf(job: Job): TrainingRun {
  return trainingRunSchema.parse(job);
}
