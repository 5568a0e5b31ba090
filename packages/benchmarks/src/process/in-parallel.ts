/**
 * Gives jobs to workers, each of which takes the next one as soon as it is done with its last.
 * @returns the results in the order of the jobs
 * @throws what the first job that fails throws; no further one is begun
 */
export async function inParallel<Worker, Job, Result>(
  workers: readonly Worker[],
  jobs: readonly Job[],
  run: (worker: Worker, job: Job) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = jobs.entries();
  let failed = false;
  await Promise.all(
    workers.map(async (worker) => {
      for (const [index, job] of waiting) {
        if (failed) return;
        try {
          results[index] = await run(worker, job);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    }),
  );
  return results;
}
