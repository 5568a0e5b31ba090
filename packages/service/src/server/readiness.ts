import type { Readiness as ReadinessReport } from '@rlaas/schemas';
import type { FastifyBaseLogger } from 'fastify';

export type CheckResult =
  | { readonly ok: true }
  /** What is wrong and what to do next. It is shown to anybody who asks. */
  | { readonly ok: false; readonly message: string };

/** Something without which a service should get no traffic. */
export interface ReadinessCheck {
  name: string;
  /** Gets a signal that is aborted when its time is over. What it throws is logged and not shown. */
  check: (signal: AbortSignal) => Promise<CheckResult>;
}

/** Whether a service should get traffic. */
export interface Readiness {
  /** False once it was turned off, whatever the checks say. */
  readonly on: boolean;
  /** The service is stopping: from now on it is not ready. */
  turnOff(): void;
  /** Runs all checks. Those who ask within a second of a run share it, so that asking is no load. */
  report(): Promise<ReadinessReport>;
}

const CHECK_TIMEOUT_MS = 2_000;
const SHARED_MS = 1_000;

export interface ReadinessOptions {
  checks: readonly ReadinessCheck[];
  /** Milliseconds since 1970. */
  now: () => number;
  logger: FastifyBaseLogger;
}

export function createReadiness({ checks, now, logger }: ReadinessOptions): Readiness {
  let on = true;
  let shared: { startedAt: number; report: Promise<ReadinessReport> } | undefined;

  return {
    get on() {
      return on;
    },
    turnOff() {
      on = false;
    },
    report() {
      const time = now();
      if (shared === undefined || Math.abs(time - shared.startedAt) >= SHARED_MS) {
        shared = { startedAt: time, report: run() };
      }
      return shared.report;
    },
  };

  async function run(): Promise<ReadinessReport> {
    const results = await Promise.all(checks.map(runCheck));
    return { ready: results.every((result) => result.ok), checks: results };
  }

  async function runCheck(check: ReadinessCheck): Promise<ReadinessReport['checks'][number]> {
    const startedAt = now();
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<CheckResult>((resolve) => {
      timer = setTimeout(() => {
        abort.abort();
        resolve({ ok: false, message: `no answer within ${CHECK_TIMEOUT_MS} ms` });
      }, CHECK_TIMEOUT_MS);
    });
    const result = await Promise.race([guarded(check, abort.signal), late]);
    clearTimeout(timer);
    return { name: check.name, ...result, duration_ms: now() - startedAt };
  }

  async function guarded(check: ReadinessCheck, signal: AbortSignal): Promise<CheckResult> {
    try {
      return await check.check(signal);
    } catch (error) {
      logger.warn({ err: error, check: check.name }, 'a readiness check failed');
      return { ok: false, message: 'the check failed; see the log of the service' };
    }
  }
}
