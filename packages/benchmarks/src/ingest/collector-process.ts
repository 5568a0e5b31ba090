import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@rlaas/database/embedded';
import { BenchFailure } from '../bench-failure.ts';
import { endProcess } from '../process/end-process.ts';

/** A collector that runs as it would in production, but for its limits. */
export interface Collector {
  kind: 'collector';
  origin: string;
  pid: number;
  /** Its last lines, of level `warn` and above. */
  log(): string[];
  stop(): Promise<void>;
}

const READY_MS = 30_000;
const STOP_MS = 25_000;
const LOG_LINES = 20;

/**
 * All that the collector reads from its environment. The file config/.env must not reach into a bench: what it may
 * say is said here.
 */
function environmentOf(given: {
  databaseUrl: string;
  port: number;
  metricsPort: number;
}): Record<string, string> {
  return {
    RLAAS_ENV: 'local',
    INTERNAL_TOKEN: randomBytes(24).toString('hex'),
    DATABASE_URL: given.databaseUrl,
    DATABASE_DIRECT_URL: given.databaseUrl,
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
    COLLECTOR_PORT: String(given.port),
    COLLECTOR_METRICS_PORT: String(given.metricsPort),
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'pretty',
    RATE_LIMIT_PER_KEY: '1000000000',
  };
}

/** @throws BenchFailure with its last lines when it is not ready in time */
export async function startCollector(options: { root: string; databaseUrl: string }): Promise<Collector> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, ['apps/collector/src/main.ts'], {
    cwd: options.root,
    env: environmentOf({ databaseUrl: options.databaseUrl, port, metricsPort }),
    // A session of its own, so that Ctrl-C reaches only this process; and a channel, whose end tells it to stop.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      lines.splice(0, lines.length - LOG_LINES);
    });
  }
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, origin);
  } catch (error) {
    await endProcess(child, STOP_MS);
    const reason = error instanceof Error ? error.message : String(error);
    throw new BenchFailure([reason, ...lines].join('\n'), { cause: error });
  }
  return {
    kind: 'collector',
    origin,
    pid: child.pid ?? 0,
    log: () => [...lines],
    stop: () => endProcess(child, STOP_MS),
  };
}

async function untilReady(child: ChildProcess, origin: string): Promise<void> {
  const spawned = Promise.withResolvers<void>();
  child.once('spawn', spawned.resolve);
  child.once('error', spawned.reject);
  await spawned.promise;
  const deadline = Date.now() + READY_MS;
  while (!(await answers(origin))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new BenchFailure(`the collector ended (${child.signalCode ?? `code ${child.exitCode}`})`);
    }
    if (Date.now() > deadline)
      throw new BenchFailure(`the collector was not ready within ${READY_MS / 1_000} s`);
    await sleep(50);
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    // Not listening yet; why not, if it never does, is in its log.
    return false;
  }
}
