import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_MS = 30_000;
const STOP_MS = 60_000;
const LOG_LINES = 10;

/** A collector as it runs in production, to be attacked. */
export interface CollectorProcess {
  pid: number;
  origin: string;
  /** Whether it has ended, and how. */
  readonly ended: string | undefined;
  /** Its last lines of level `error`. */
  log(): string[];
  /** The value of a metric without labels. @throws Error when there is none of that name */
  metric(name: string): Promise<number>;
  /** SIGTERM. @returns its exit code, or the signal that ended it */
  stop(): Promise<number | NodeJS.Signals | null>;
}

/** @throws Error with its last lines when it is not ready in 30 s */
export async function startCollectorProcess(databaseUrl: string): Promise<CollectorProcess> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [MAIN], {
    env: {
      RLAAS_ENV: 'local',
      RLAAS_MASTER_KEY: randomBytes(24).toString('hex'),
      INTERNAL_TOKEN: randomBytes(24).toString('hex'),
      DATABASE_URL: databaseUrl,
      DATABASE_DIRECT_URL: databaseUrl,
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      COLLECTOR_PORT: String(port),
      COLLECTOR_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'error',
      LOG_FORMAT: 'json',
      // What a caller may use is limited elsewhere: here each attack comes with all its weight.
      RATE_LIMIT_PER_KEY: '1000000',
      INGEST_EVENTS_PER_KEY: '100000000',
      INGEST_MIB_PER_KEY: '1000000',
    },
    // The channel tells it to stop when this process is gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      lines.splice(0, lines.length - LOG_LINES);
    });
  }
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal ?? `code ${code}`;
      resolve();
    });
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
  });
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await isReady(origin))) {
    if (ended !== undefined || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(['the collector did not become ready:', ...lines].join('\n'));
    }
    await sleep(25);
  }
  return {
    pid: child.pid ?? 0,
    origin,
    get ended() {
      return ended;
    },
    log: () => [...lines],
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const value = text.split('\n').find((line) => line.startsWith(`${name} `));
      if (value === undefined) throw new Error(`there is no metric ${name}`);
      return Number(value.slice(name.length + 1));
    },
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(force);
      return child.exitCode ?? child.signalCode;
    },
  };
}

async function isReady(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    // Not listening yet; why not, if it never does, is in its log.
    return false;
  }
}
