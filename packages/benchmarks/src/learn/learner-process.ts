// RLaaS's side of the bench, in a process of its own: it learns without giving way to anything else.
import { createLinearPolicy } from '@rlaas/learning';
import { type Dataset, readDataset } from './dataset.ts';
import { driftRow } from './drift.ts';
import type { LearnerAnswer, LearnerJob, LearnerTask } from './learner-job.ts';
import { timePass } from './pass-time.ts';
import { progressiveLoss } from './progressive.ts';

let dataset: Dataset | undefined;

process.on('message', (job: LearnerJob) => {
  const answer = work(job);
  // The bench may have been interrupted meanwhile; then there is nobody to tell.
  if (process.connected) process.send?.(answer);
});
process.once('disconnect', () => process.exit());

function work(job: LearnerJob): LearnerAnswer {
  if (job.kind === 'drift') return job.lengths.map((length) => driftRow(length, job.repetitions));
  const rows = datasetOf(job);
  if (job.kind === 'times') return job.shuffles.map((order) => timePass(job.configuration, rows, order));
  return job.shuffles.map((order, shuffle) =>
    progressiveLoss(createLinearPolicy(job.configuration), rows, order, `${job.dataset} ${shuffle}`),
  );
}

function datasetOf({ data, dataset: name }: LearnerTask): Dataset {
  if (dataset?.name !== name) dataset = readDataset(data, name);
  return dataset;
}
