import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ChunkEstimate, ChunkRow, ThreadAnswer, ThreadRequest, ThreadSetup } from './thread-messages.ts';

/** What one evaluation has threads do. One request at a time. */
export interface Estimation {
  /** How many threads there are. */
  threads: number;
  /** Lets every thread learn the next decisions, so that all have the same reward model. @throws Error when one has ended */
  learn: (rows: ChunkRow[]) => Promise<void>;
  /** Estimates a chunk in each thread, `threads` at most, in the order of the chunks. @throws Error when one has ended */
  estimate: (chunks: readonly ChunkRow[][]) => Promise<ChunkEstimate[]>;
  /** Forgets what was learned. */
  end: () => void;
}

/**
 * Estimates beside the event loop of the service. Threads are begun with the first evaluation and kept, so that none is
 * torn down while something still goes on in it.
 */
export interface EstimationThreads {
  begin: (setup: ThreadSetup) => Estimation;
  /** Ends the threads once they have done what they were asked for. */
  close: () => Promise<void>;
}

/** @param count how many, from 1 */
export function createEstimationThreads(count: number): EstimationThreads {
  let running: RunningThread[] = [];
  let evaluations = 0;
  return {
    begin(setup) {
      running = Array.from({ length: count }, (_, index) => {
        const thread = running[index];
        return thread && thread.ended === undefined ? thread : new RunningThread();
      });
      const threads = running;
      evaluations += 1;
      const evaluation = evaluations;
      for (const thread of threads) thread.tell({ kind: 'begin', evaluation, setup });
      return {
        threads: count,
        async learn(rows) {
          await Promise.all(
            threads.map((thread) => thread.ask(evaluation, { kind: 'learn', evaluation, rows })),
          );
        },
        estimate: (chunks) =>
          Promise.all(
            chunks.map(async (rows, index) => {
              const answer = await threads[index]?.ask(evaluation, { kind: 'estimate', evaluation, rows });
              if (answer?.kind !== 'estimate') throw new Error(`chunk ${index} was not estimated`);
              return answer.estimate;
            }),
          ),
        end: () => {
          for (const thread of threads) thread.tell({ kind: 'end', evaluation });
        },
      };
    },
    async close() {
      await Promise.all(running.map((thread) => thread.close()));
    },
  };
}

/** A thread, until it ends. */
class RunningThread {
  readonly #worker = new Worker(new URL('estimation-thread.ts', import.meta.url), { name: 'evaluations' });
  /** Who waits for an answer, by evaluation. */
  readonly #waiting = new Map<number, PromiseWithResolvers<ThreadAnswer>>();
  /** Why it is no more. */
  ended: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const waiting = this.#waiting.get(answer.evaluation);
      this.#waiting.delete(answer.evaluation);
      waiting?.resolve(answer);
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('a thread of the evaluations has ended')));
  }

  tell(request: ThreadRequest): void {
    // Nothing is handed over: other threads are given the same rows.
    this.#worker.postMessage(request, []);
  }

  ask(evaluation: number, request: ThreadRequest): Promise<ThreadAnswer> {
    if (this.ended) return Promise.reject(this.ended);
    const waiting = Promise.withResolvers<ThreadAnswer>();
    this.#waiting.set(evaluation, waiting);
    this.tell(request);
    return waiting.promise;
  }

  async close(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.#worker, 'exit');
    this.tell({ kind: 'close' });
    await exit;
  }

  #end(error: Error): void {
    this.ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.ended);
    this.#waiting.clear();
  }
}
