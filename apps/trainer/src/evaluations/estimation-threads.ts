import { Worker } from 'node:worker_threads';
import type { ChunkEstimate, ChunkRow, ThreadAnswer, ThreadRequest, ThreadSetup } from './thread-messages.ts';

/** Threads that estimate beside the event loop of the service. */
export interface EstimationThreads {
  count: number;
  /** Lets every thread learn the next decisions, so that all have the same reward model. @throws Error when one has ended */
  learn: (rows: ChunkRow[]) => Promise<void>;
  /** Estimates a chunk in each thread, `count` at most, in the order of the chunks. @throws Error when one has ended */
  estimate: (chunks: readonly ChunkRow[][]) => Promise<ChunkEstimate[]>;
  /** Ends the threads, whatever they do. */
  close: () => Promise<void>;
}

/** Begins threads for one evaluation. */
export function openEstimationThreads(count: number, setup: ThreadSetup): EstimationThreads {
  const threads = Array.from({ length: count }, () => openThread(setup));
  return {
    count,
    async learn(rows) {
      await Promise.all(threads.map((thread) => thread.ask({ kind: 'learn', rows })));
    },
    async estimate(chunks) {
      return Promise.all(
        chunks.map(async (rows, index) => {
          const answer = await threads[index]?.ask({ kind: 'estimate', rows });
          if (answer?.kind !== 'estimate') throw new Error(`there is no answer to chunk ${index}`);
          return answer.estimate;
        }),
      );
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

interface Thread {
  /** One request at a time. */
  ask: (request: ThreadRequest) => Promise<ThreadAnswer>;
  close: () => Promise<number>;
}

function openThread(setup: ThreadSetup): Thread {
  const worker = new Worker(new URL('estimation-thread.ts', import.meta.url), {
    workerData: setup,
    name: 'evaluation',
  });
  let waiting: PromiseWithResolvers<ThreadAnswer> | undefined;
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    waiting?.reject(ended);
  };
  worker.on('message', (answer: ThreadAnswer) => waiting?.resolve(answer));
  worker.on('error', end);
  worker.on('exit', () => end(new Error('a thread of the evaluation has ended')));
  return {
    ask(request) {
      if (ended) return Promise.reject(ended);
      waiting = Promise.withResolvers();
      // Nothing is handed over: other threads are given the same rows.
      worker.postMessage(request, []);
      return waiting.promise;
    },
    close: () => worker.terminate(),
  };
}
