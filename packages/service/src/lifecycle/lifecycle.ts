import type { FastifyBaseLogger } from 'fastify';

/**
 * The phases of stopping, in their order: stop being ready (and wait for load balancers to notice), finish the
 * requests in flight, stop background work, release what both used, and last the metrics, which show the others.
 */
export const stopPhases = ['readiness', 'drain', 'workers', 'resources', 'metrics'] as const;
export type StopPhase = (typeof stopPhases)[number];

/** Releases something. The signal is aborted when the time of its phase is over. */
export type Release = (signal: AbortSignal) => void | Promise<void>;

export interface StopReport {
  /** Whether everything was released without an error and in time. */
  clean: boolean;
}

export interface Lifecycle {
  /**
   * Says how to release what was just acquired. Within a phase the last acquired is released first. While the
   * service is stopping already, it is released at once.
   */
  onStop(phase: StopPhase, name: string, release: Release): void;
  /** Runs a start. When it fails half way, what it acquired is released and the error thrown again. */
  start<Value>(acquire: () => Promise<Value>): Promise<Value>;
  /** Releases everything. Every call gives the same promise, which never rejects. */
  stop(): Promise<StopReport>;
}

export interface LifecycleOptions {
  logger: FastifyBaseLogger;
  /** Milliseconds; only differences count. */
  now: () => number;
  /** Time that each phase may take; then it is left behind and the next begins. */
  phaseTimeoutMs: number;
  /** Wait after readiness went off. */
  delayMs: number;
}

interface Acquired {
  phase: StopPhase;
  name: string;
  release: Release;
}

export function createLifecycle({ logger, now, phaseTimeoutMs, delayMs }: LifecycleOptions): Lifecycle {
  const acquired: Acquired[] = [];
  const late: Promise<void>[] = [];
  let stopping: Promise<StopReport> | undefined;
  let clean = true;

  return { onStop, start, stop };

  function onStop(phase: StopPhase, name: string, release: Release): void {
    if (stopping) late.push(runPhase(phase, [{ phase, name, release }]));
    else acquired.push({ phase, name, release });
  }

  async function start<Value>(acquire: () => Promise<Value>): Promise<Value> {
    try {
      return await acquire();
    } catch (error) {
      await stop();
      throw error;
    }
  }

  function stop(): Promise<StopReport> {
    stopping ??= stopAll();
    return stopping;
  }

  async function stopAll(): Promise<StopReport> {
    const startedAt = now();
    for (const phase of stopPhases) {
      const entries = acquired.filter((entry) => entry.phase === phase).toReversed();
      if (entries.length === 0) continue;
      await runPhase(phase, entries);
      if (phase === 'readiness' && delayMs > 0) await wait(delayMs);
    }
    await Promise.all(late);
    logger.info({ duration_ms: now() - startedAt, clean }, 'stopped');
    return { clean };
  }

  async function runPhase(phase: StopPhase, entries: readonly Acquired[]): Promise<void> {
    const startedAt = now();
    const abort = new AbortController();
    let current = entries[0]?.name ?? '';
    const releaseAll = async () => {
      for (const { name, release } of entries) {
        if (abort.signal.aborted) return;
        current = name;
        try {
          await release(abort.signal);
        } catch (error) {
          clean = false;
          logger.error({ err: error, phase, name }, 'could not be released');
        }
      }
    };
    const timer = setTimeout(() => abort.abort(), phaseTimeoutMs);
    await Promise.race([releaseAll(), aborted(abort.signal)]);
    clearTimeout(timer);
    if (abort.signal.aborted) {
      clean = false;
      logger.error(
        { phase, name: current, timeout_ms: phaseTimeoutMs },
        'took too long to stop and is left behind',
      );
    }
    logger.info({ phase, duration_ms: now() - startedAt }, 'phase of stopping ended');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
