import { BenchFailure } from '../bench-failure.ts';
import { startWorker } from '../process/worker.ts';
import type { LoadJob, LoadOutcome } from './load-job.ts';

export type Load = Extract<LoadOutcome, { ok: true }>;

/** Sends requests to a server and measures them, in a process of its own. */
export interface LoadGenerator {
  /**
   * @param timeoutMs longest time for the whole job; the generator is ended when it takes longer
   * @throws BenchFailure at the first answer that is not the expected one, or when the time is over
   */
  send(job: LoadJob, timeoutMs: number): Promise<Load>;
  stop(): Promise<void>;
}

/** @param core the one processor it may use; without it, all of them */
export function startLoadGenerator(core?: number): LoadGenerator {
  const worker = startWorker<LoadJob, LoadOutcome>(new URL('./load-process.ts', import.meta.url), core);
  return {
    async send(job, timeoutMs) {
      const outcome = await worker.ask(job, timeoutMs);
      if (!outcome.ok) throw new BenchFailure(`${job.url}: ${outcome.reason}`);
      return outcome;
    },
    stop: () => worker.stop(),
  };
}
