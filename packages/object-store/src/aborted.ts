import type { CheckResult } from './object-store.ts';

/** The result of a check, or `ok: false` as soon as the signal is aborted; the check itself then ends unheard. */
export async function orAborted(
  check: Promise<CheckResult>,
  signal: AbortSignal | undefined,
): Promise<CheckResult> {
  if (!signal) return check;
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  const abort = (): void => resolve({ ok: false, message: 'The object store did not answer in time.' });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, check]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
