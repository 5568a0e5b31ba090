import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, removeData } from '@rlaas/database/embedded';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A folder and ports for one installation, so that it meets no other on this machine. */
export interface Place {
  state: string;
  environment: Record<string, string>;
  /** The gateway. */
  origin: string;
  remove(): Promise<void>;
}

export async function makePlace(extra: Record<string, string> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-place-'));
  // Where root runs this, Postgres runs as somebody else, who must be able to enter.
  await chmod(folder, 0o755);
  const state = join(folder, 'state');
  const environment: Record<string, string> = { ...extra };
  for (const name of ['PATH', 'HOME', 'USER']) environment[name] = process.env[name] ?? '';
  for (const name of ['GATEWAY', 'COLLECTOR', 'REWARD', 'TRAINER']) {
    environment[`${name}_PORT`] = String(await freePort());
    environment[`${name}_METRICS_PORT`] = String(await freePort());
  }
  environment['POSTGRES_PORT'] = String(await freePort());
  return {
    state,
    environment,
    origin: `http://127.0.0.1:${environment['GATEWAY_PORT']}`,
    async remove() {
      await removeData(join(state, 'postgres'));
      await rm(join(state, '..'), { recursive: true, force: true });
    },
  };
}

/** A running `rlaas dev`. */
export interface DevStack {
  child: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  /** Settles when it says that it is ready; fails when it ends before. */
  ready: Promise<void>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function startDev(place: Place, args: string[] = []): DevStack {
  const child = spawn(process.execPath, [MAIN, 'dev', '--state', place.state, ...args], {
    env: place.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const ready = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('ready in ')) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then(({ code, signal }) =>
      reject(new Error(`rlaas dev ended (${code ?? signal}):\n${output}`)),
    );
  });
  // A test that waits for the end only must not fail for it.
  ready.catch(() => undefined);
  return { child, output: () => output, ready, ended };
}

/** Ends it as Ctrl-C does. */
export async function interrupt(
  stack: DevStack,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  stack.child.kill('SIGINT');
  return stack.ended;
}
