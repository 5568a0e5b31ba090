import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '@rlaas/schemas';

/**
 * Waits until a service says that it is ready.
 * @returns `undefined` when it is, else why not, in words
 */
export async function untilReady(
  url: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  const deadline = Date.now() + options.timeoutMs;
  let reason = 'it does not answer';
  while (Date.now() < deadline && !options.signal.aborted) {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return undefined;
      reason = missing((await response.json()) as Partial<Readiness>);
    } catch (error) {
      // Not listening yet. What else it may be shows in the log of the service.
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  return reason;
}

function missing(readiness: Partial<Readiness>): string {
  const failed = (readiness.checks ?? []).filter((check) => !check.ok);
  return (
    failed.map((check) => `${check.name}: ${check.message ?? 'not ready'}`).join('; ') || 'it is not ready'
  );
}
