import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CheckpointMetadata } from '@rlaas/learning';
import type { VersionConfiguration } from '@rlaas/schemas';
import type { TextRow } from '../store/training-runs.ts';
import type { Learned, ThreadAnswer, ThreadRequest, UnusableDecision } from './thread-messages.ts';

/** What one training run learns. One request at a time. */
export interface Lesson {
  /** @throws Error when the thread has ended */
  learn: (rows: TextRow[], firstPass: boolean) => Promise<UnusableDecision[]>;
  /** The files of what was learned. @throws Error when the thread has ended */
  finish: (metadata: CheckpointMetadata) => Promise<Learned>;
  /** Forgets what was learned. */
  end: () => void;
}

/**
 * Learns beside the event loop of the service. The thread is begun with the first lesson and kept: to end one for each
 * run would be the riskier part of its life, and the slower one.
 */
export interface LearningThread {
  /** From nothing. */
  begin: (configuration: VersionConfiguration) => Lesson;
  /** Ends the thread once it has done what it was asked for. */
  close: () => Promise<void>;
}

export function createLearningThread(): LearningThread {
  let running: RunningThread | undefined;
  let lessons = 0;
  return {
    begin(configuration) {
      if (!running || running.ended !== undefined) running = new RunningThread();
      const thread = running;
      lessons += 1;
      const lesson = lessons;
      thread.tell({ kind: 'begin', lesson, configuration });
      return {
        async learn(rows, firstPass) {
          const answer = await thread.ask(lesson, { kind: 'learn', lesson, rows, firstPass });
          if (answer.kind !== 'learn') throw new Error(`the thread answered ${answer.kind}`);
          return answer.unusable;
        },
        async finish(metadata) {
          const answer = await thread.ask(lesson, { kind: 'finish', lesson, metadata });
          if (answer.kind !== 'finish') throw new Error(`the thread answered ${answer.kind}`);
          return answer.learned;
        },
        end: () => thread.tell({ kind: 'end', lesson }),
      };
    },
    async close() {
      await running?.close();
    },
  };
}

/** A thread, until it ends. */
class RunningThread {
  readonly #worker = new Worker(new URL('training-thread.ts', import.meta.url), { name: 'training runs' });
  /** Who waits for an answer, by lesson. */
  readonly #waiting = new Map<number, PromiseWithResolvers<ThreadAnswer>>();
  /** Why it is no more. */
  ended: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const waiting = this.#waiting.get(answer.lesson);
      this.#waiting.delete(answer.lesson);
      waiting?.resolve(answer);
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('the thread of the training runs has ended')));
  }

  tell(request: ThreadRequest): void {
    // Nothing is handed over.
    this.#worker.postMessage(request, []);
  }

  ask(lesson: number, request: ThreadRequest): Promise<ThreadAnswer> {
    if (this.ended) return Promise.reject(this.ended);
    const waiting = Promise.withResolvers<ThreadAnswer>();
    this.#waiting.set(lesson, waiting);
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
