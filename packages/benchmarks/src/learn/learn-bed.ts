import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import { type Worker, startWorker } from '../process/worker.ts';
import { readDataset } from './dataset.ts';
import type { LearnSize } from './learn-size.ts';
import type { LearnerAnswer, LearnerJob } from './learner-job.ts';
import { shufflesOf } from './shuffles.ts';

/** What all measurements of a run share. */
export interface LearnBed {
  context: BenchContext;
  size: LearnSize;
  /** Folder of the data sets. */
  data: string;
  /** Folder of the shuffles, one file for each data set. */
  orders: string;
  shuffles: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Processes that work at the same time. */
  processes: number;
}

export type LearnerWorker = Worker<LearnerJob, LearnerAnswer>;

/** Makes the shuffles, and writes them down for VW. */
export async function openLearnBed(context: BenchContext, size: LearnSize): Promise<LearnBed> {
  const data = fileURLToPath(new URL('../../data/', import.meta.url));
  const orders = join(context.folder, 'orders');
  await mkdir(orders, { recursive: true });
  const shuffles = new Map<string, number[][]>();
  for (const name of new Set([...size.datasets, ...size.timed])) {
    const rows = readDataset(data, name).right.length;
    const made = shufflesOf(name, rows, Math.max(size.shuffles, size.repetitions + 1));
    shuffles.set(name, made);
    await writeFile(join(orders, `${name}.json`), JSON.stringify(made));
  }
  return { context, size, data, orders, shuffles, processes: Math.min(2, availableParallelism()) };
}

/** Starts a process that learns. @param core the one processor it may use; without it, all of them */
export function startLearner({ context }: LearnBed, core?: number): Promise<LearnerWorker> {
  return context.releases.acquire(
    async () =>
      startWorker<LearnerJob, LearnerAnswer>(new URL('./learner-process.ts', import.meta.url), core),
    (started) => started.stop(),
  );
}
