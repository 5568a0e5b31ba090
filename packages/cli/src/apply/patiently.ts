import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../exit-codes.ts';

/** Between two tries. */
const PAUSE_MS = 500;

/**
 * Does something again while an installation, or a service of it, is away for a moment: a restart takes seconds.
 * @param forMs how long it is tried, in milliseconds
 * @param onAway told once, when it has to be tried again
 * @throws what the last try threw
 */
export async function patiently<T>(
  work: () => Promise<T>,
  { forMs, onAway }: { forMs: number; onAway?: (error: CommandError) => void },
): Promise<T> {
  const until = performance.now() + forMs;
  let isTold = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CommandError) || !error.passes || performance.now() > until) throw error;
      if (!isTold) onAway?.(error);
      isTold = true;
      await sleep(PAUSE_MS);
    }
  }
}
