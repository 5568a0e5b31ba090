/** How often and how patiently something is tried. */
export interface RetryPolicy {
  attempts: number;
  /** Waits for this many milliseconds. */
  wait: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** The pause after the given attempt (1 is the first): doubled each time, up to 5 s, half of it at random. */
export function pauseMs(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return (longest * (1 + Math.random())) / 2;
}

/**
 * Tries until it succeeds, fails in a way that no repetition mends, or the attempts are used up.
 * @throws the last error
 */
export async function retrying<T>(
  policy: RetryPolicy,
  isPassing: (error: unknown) => boolean,
  run: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= policy.attempts || !isPassing(error)) throw error;
      await policy.wait(pauseMs(attempt));
    }
  }
}
