import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchFailure } from '../bench-failure.ts';
import { endProcess } from './end-process.ts';
import { pinned } from './pinned.ts';

/** A service that runs as it would in production. */
export interface ServiceProcess {
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
 * Starts a service and waits until it is ready.
 * @param options.env all that it reads: the file config/.env must not reach into a bench
 * @param options.core the one processor it may use, counted from 0; without it, all of them
 * @throws BenchFailure with its last lines when it is not ready in time
 */
export async function startService(options: {
  name: string;
  root: string;
  port: number;
  env: Readonly<Record<string, string>>;
  core?: number;
}): Promise<ServiceProcess> {
  const [command, ...args] = pinned([process.execPath, `apps/${options.name}/src/main.ts`], options.core);
  const child = spawn(command, args, {
    cwd: options.root,
    env: options.env,
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
  const origin = `http://127.0.0.1:${options.port}`;
  try {
    await untilReady(options.name, child, origin);
  } catch (error) {
    await endProcess(child, STOP_MS);
    const reason = error instanceof Error ? error.message : String(error);
    throw new BenchFailure([reason, ...lines].join('\n'), { cause: error });
  }
  return { origin, pid: child.pid ?? 0, log: () => [...lines], stop: () => endProcess(child, STOP_MS) };
}

async function untilReady(name: string, child: ChildProcess, origin: string): Promise<void> {
  const spawned = Promise.withResolvers<void>();
  child.once('spawn', spawned.resolve);
  child.once('error', spawned.reject);
  await spawned.promise;
  const deadline = Date.now() + READY_MS;
  while (!(await answers(origin))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new BenchFailure(`the ${name} ended (${child.signalCode ?? `code ${child.exitCode}`})`);
    }
    if (Date.now() > deadline)
      throw new BenchFailure(`the ${name} was not ready within ${READY_MS / 1_000} s`);
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
