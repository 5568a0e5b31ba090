import { JobInterrupted, JobRefused } from '@rlaas/database';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createJobMetrics } from './job-metrics.ts';

test('runs are counted by how they ended, and their end is passed on', async () => {
  const registry = new Registry();
  const observed = createJobMetrics(registry, ['evaluation']);
  expect(await observed('evaluation', () => Promise.resolve('report'))).toBe('report');
  for (const error of [new JobInterrupted('cancelled'), new JobRefused('x', 'no'), new Error('a bug')]) {
    const failing = observed('evaluation', async () => {
      await Promise.resolve();
      throw error;
    });
    await expect(failing).rejects.toBe(error);
  }
  const counted = await registry.getSingleMetric('rlaas_trainer_job_runs_total')?.get();
  expect(counted?.values.map(({ labels, value }) => [labels['result'], value])).toEqual([
    ['done', 1],
    ['refused', 1],
    ['interrupted', 1],
    ['failed', 1],
  ]);
  expect(await registry.metrics()).toContain('rlaas_trainer_job_seconds_count{kind="evaluation"} 4');
});
