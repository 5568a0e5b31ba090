import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or stops waiting when the signal is aborted: a worker that sleeps must not hold up the end. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // An abort is the end of the wait, not a fault.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
