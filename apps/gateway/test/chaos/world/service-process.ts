import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const READY_MS = 30_000;
const STOP_MS = 60_000;
const LOG_LINES = 30;

/** A service as a process of its own, which can be killed and started again at the same address. */
export interface ServiceProcess {
  readonly origin: string;
  /** Ends of the process that nobody asked for, each with its last lines. */
  readonly unexpectedEnds: readonly string[];
  /** Starts it without waiting until it is ready. */
  launch: () => Promise<void>;
  /** @throws Error with its last lines when it is not ready in 30 s */
  start: () => Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill: () => Promise<void>;
  /** SIGTERM; returns its exit code, or the signal that ended it. */
  terminate: () => Promise<number | NodeJS.Signals | null>;
  /** Its last lines. */
  log: () => string[];
}

/** @param environment all that it reads, with its port */
export function createServiceProcess(
  name: 'gateway' | 'collector',
  port: number,
  environment: Readonly<Record<string, string>>,
): ServiceProcess {
  const main = fileURLToPath(new URL(`../../../../${name}/src/main.ts`, import.meta.url));
  const origin = `http://127.0.0.1:${port}`;
  const unexpectedEnds: string[] = [];
  const lines: string[] = [];
  const wanted = new WeakSet<ChildProcess>();
  let child: ChildProcess | undefined;

  const isRunning = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

  async function launch(): Promise<void> {
    const started = spawn(process.execPath, [main], {
      env: environment,
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
      if (!wanted.has(started))
        unexpectedEnds.push([`${name}: ${signal ?? `code ${code}`}`, ...lines].join('\n'));
    });
    await new Promise<void>((resolve, reject) => {
      started.once('spawn', resolve);
      started.once('error', reject);
    });
    child = started;
  }

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
    origin,
    unexpectedEnds,
    launch,
    async start() {
      if (!isRunning()) await launch();
      const deadline = Date.now() + READY_MS;
      while (Date.now() < deadline && isRunning()) {
        if (await isReady(origin)) return;
        await sleep(25);
      }
      throw new Error([`the ${name} did not become ready:`, ...lines].join('\n'));
    },
    async kill() {
      await end('SIGKILL');
    },
    terminate: () => end('SIGTERM'),
    log: () => [...lines],
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
