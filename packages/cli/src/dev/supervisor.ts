import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prefixLines } from './prefixed-lines.ts';
import type { ServiceName } from './services.ts';

export interface SupervisorOptions {
  root: string;
  services: readonly { name: ServiceName; environment: Record<string, string> }[];
  print: (line: string) => void;
  coloured: boolean;
  /** A service ended in a way that starting it again would not mend (wrong configuration, refused database). */
  onHopeless: (name: ServiceName, exitCode: number) => void;
}

/** Keeps the services running as children until it is stopped. */
export interface Supervisor {
  start(): void;
  /** Ends all of them in the opposite order of their start, by force after 25 s each. Idempotent. */
  stop(): Promise<void>;
  /** Ends all of them at once, without letting them finish. */
  kill(): void;
}

/** A service ends with this when its configuration or its database must be mended first. */
const CONFIGURATION = 78;
/** One that fails this soon failed to start, and would again. */
const STILL_STARTING_MS = 5_000;
const STOP_TIMEOUT_MS = 25_000;
const LONGEST_PAUSE_MS = 10_000;
/** A service that ran this long was fine; the next fault starts with a short pause again. */
const STEADY_MS = 30_000;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const width = Math.max(...options.services.map((service) => service.name.length));
  const children = new Map<ServiceName, ChildProcess>();
  let stopping: Promise<void> | undefined;
  const halted = new AbortController();

  const startOne = (service: SupervisorOptions['services'][number], pauseMs: number): void => {
    const startedAt = Date.now();
    const child = spawn(process.execPath, ['src/main.ts'], {
      cwd: join(options.root, 'apps', service.name),
      env: service.environment,
      // A session of its own, so that Ctrl-C reaches only this process, which then stops them in order; and a channel,
      // whose end tells the child that this process is gone.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.set(service.name, child);
    const colour = options.coloured ? options.services.indexOf(service) : undefined;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) prefixLines(stream, service.name, { width, colour, print: options.print });
    }
    child.once('exit', (code, signal) => {
      children.delete(service.name);
      if (stopping) return;
      options.print(`${service.name} ended (${signal ?? `code ${code}`})`);
      const age = Date.now() - startedAt;
      if (code === CONFIGURATION || (code === 1 && age < STILL_STARTING_MS)) {
        options.onHopeless(service.name, code);
        return;
      }
      const pause = age > STEADY_MS ? 250 : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      void again(service, pause);
    });
  };
  const again = async (service: SupervisorOptions['services'][number], pause: number): Promise<void> => {
    // Aborted when everything stops: then nothing is started again.
    await sleep(pause, undefined, { signal: halted.signal }).catch(() => undefined);
    if (!stopping) startOne(service, pause);
  };

  return {
    start() {
      for (const service of options.services) startOne(service, 250);
    },
    stop: () =>
      (stopping ??= (async () => {
        halted.abort();
        for (const { name } of options.services.toReversed()) {
          const child = children.get(name);
          if (child) await end(child);
        }
      })()),
    kill() {
      stopping ??= Promise.resolve();
      halted.abort();
      for (const child of children.values()) child.kill('SIGKILL');
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(force);
}
