import type { FastifyBaseLogger } from 'fastify';
import type { Lifecycle } from './lifecycle.ts';
import { pause } from './pause.ts';

export interface WorkLoopOptions {
  name: string;
  lifecycle: Lifecycle;
  logger: FastifyBaseLogger;
  /** One round. @returns whether there is more to do at once */
  round: () => Promise<boolean>;
  /** Wait when there was nothing to do. */
  idleMs: number;
}

const LONGEST_PAUSE_MS = 10_000;

/**
 * Repeats rounds of work until the service stops; the round that runs then is finished first. A round that fails is
 * logged and tried again, later each time.
 */
export function startWorkLoop({ name, lifecycle, logger, round, idleMs }: WorkLoopOptions): void {
  const halt = new AbortController();
  const loop = async (): Promise<void> => {
    let failedPause = idleMs;
    while (!halt.signal.aborted) {
      try {
        const more = await round();
        failedPause = idleMs;
        if (!more) await pause(idleMs, halt.signal);
      } catch (error) {
        logger.error({ err: error, work: name }, 'a round of work failed; it will be tried again');
        failedPause = Math.min(failedPause * 2, LONGEST_PAUSE_MS);
        await pause(failedPause, halt.signal);
      }
    }
  };
  const running = loop();
  lifecycle.onStop('workers', name, async () => {
    halt.abort();
    await running;
  });
}
