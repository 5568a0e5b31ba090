import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('results come in the order of the jobs, whoever did them', async () => {
  const release: (() => void)[] = [];
  const done = inParallel(['a', 'b'], [1, 2, 3, 4], async (worker, job) => {
    if (job === 1) await new Promise<void>((resolve) => release.push(resolve));
    if (job === 4) release[0]?.();
    return `${worker}${job}`;
  });
  expect(await done).toEqual(['a1', 'b2', 'b3', 'b4']);
});

test('after a failure no further job is begun', async () => {
  const begun: number[] = [];
  const run = inParallel(['only'], [1, 2, 3], async (_worker, job) => {
    begun.push(job);
    if (job === 2) throw new Error('broken');
    return job;
  });
  await expect(run).rejects.toThrow('broken');
  expect(begun).toEqual([1, 2]);
});
