import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_MS = 30_000;
/** Longer than the collector may take: each phase of its stopping has its own time. */
const STOP_MS = 60_000;
const LOG_LINES = 30;
const STARTS = 3;

/** The collector as a process of its own, which can be killed, paused, drained and started again. */
export interface CollectorProcess {
  /** Where it listens, or did until it was ended: each start takes a new port. */
  readonly origin: string;
  /** Of the process that runs now, or ran last; 0 before the first. */
  readonly pid: number;
  /** Ends of the process that nobody asked for, each with its last lines. */
  readonly unexpectedEnds: readonly string[];
  /** @throws Error with its last lines when it is not ready in 30 s */
  start(): Promise<void>;
  /** Starts it without waiting until it is ready. */
  launch(): Promise<void>;
  /** Starts it when it is not running, and waits until it is ready. */
  ensureReady(): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; returns its exit code, or the signal that ended it. */
  terminate(): Promise<number | NodeJS.Signals | null>;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  resume(): void;
  /** Its last lines of level `warn` and above, unless the environment says another level. */
  log(): string[];
  /** The value of a metric without labels. @throws Error when there is none of that name */
  metric(name: string): Promise<number>;
}

/** @param environment beside what every collector of a test has, or instead of it */
export function createCollectorProcess(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): CollectorProcess {
  const unexpectedEnds: string[] = [];
  const lines: string[] = [];
  const internalToken = randomBytes(24).toString('hex');
  let origin = 'http://127.0.0.1:9';
  let metrics = origin;
  let child: ChildProcess | undefined;
  const wanted = new WeakSet<ChildProcess>();

  const isRunning = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

  async function launch(): Promise<void> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const started = spawn(process.execPath, [MAIN], {
      env: { ...environmentOf({ databaseUrl, port, metricsPort, internalToken }), ...environment },
      // The channel tells it to stop when this process is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        lines.push(...chunk.toString().split('\n').filter(Boolean));
        lines.splice(0, lines.length - LOG_LINES);
      });
    }
    started.once('exit', (code, signal) => {
      if (!wanted.has(started)) unexpectedEnds.push([signal ?? `code ${code}`, ...lines].join('\n'));
    });
    await new Promise<void>((resolve, reject) => {
      started.once('spawn', resolve);
      started.once('error', reject);
    });
    child = started;
    origin = `http://127.0.0.1:${port}`;
    metrics = `http://127.0.0.1:${metricsPort}/metrics`;
  }

  async function untilReady(): Promise<boolean> {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && isRunning()) {
      if (await isReady(origin)) return true;
      await sleep(25);
    }
    return false;
  }

  async function start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await launch();
      if (await untilReady()) return;
      const portTaken = !isRunning() && lines.some((line) => line.includes('is in use'));
      // Somebody else was faster at a port that was free a moment ago.
      if (portTaken && tries < STARTS) unexpectedEnds.pop();
      else throw new Error(['the collector did not become ready:', ...lines].join('\n'));
    }
  }

  /** @returns its exit code or the signal that ended it */
  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    const ending = child;
    if (!ending || !isRunning()) return ending?.exitCode ?? ending?.signalCode ?? null;
    wanted.add(ending);
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill(signal);
    const force = setTimeout(() => ending.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(force);
    return ending.exitCode ?? ending.signalCode;
  }

  return {
    get origin() {
      return origin;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    unexpectedEnds,
    start,
    launch,
    async ensureReady() {
      if (!isRunning()) return start();
      if (!(await untilReady())) throw new Error(['the collector is not ready again:', ...lines].join('\n'));
    },
    async kill() {
      await end('SIGKILL');
    },
    terminate: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    log: () => [...lines],
    async metric(name) {
      const text = await (await fetch(metrics)).text();
      const value = text.split('\n').find((line) => line.startsWith(`${name} `));
      if (value === undefined) throw new Error(`there is no metric ${name}`);
      return Number(value.slice(name.length + 1));
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

/** All that could reach in from elsewhere is said here. Limits on callers are not what is tried. */
function environmentOf(given: {
  databaseUrl: string;
  port: number;
  metricsPort: number;
  internalToken: string;
}): Record<string, string> {
  return {
    RLAAS_ENV: 'local',
    INTERNAL_TOKEN: given.internalToken,
    DATABASE_URL: given.databaseUrl,
    DATABASE_DIRECT_URL: given.databaseUrl,
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
    COLLECTOR_PORT: String(given.port),
    COLLECTOR_METRICS_PORT: String(given.metricsPort),
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    RATE_LIMIT_PER_KEY: '1000000',
  };
}
