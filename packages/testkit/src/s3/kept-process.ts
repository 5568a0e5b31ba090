import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

interface KeptProcess {
  command: string;
  arguments: string[];
  environment: NodeJS.ProcessEnv;
  /** Answers 200 as soon as the server serves. */
  ready: string;
}

const START_TIMEOUT_MS = 60_000;
/** Characters of what the server printed that a failed start shows. */
const SHOWN_OUTPUT = 2_000;

/** Starts a server that ends with this process, and waits until it serves. */
export async function startKept(options: KeptProcess): Promise<{ stop: () => Promise<void> }> {
  const keeper = spawn(
    process.execPath,
    [fileURLToPath(new URL('./keeper.ts', import.meta.url)), options.command, ...options.arguments],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: options.environment, detached: true },
  );
  let output = '';
  for (const stream of [keeper.stdout, keeper.stderr])
    stream?.on('data', (chunk) => (output = `${output}${chunk}`.slice(-SHOWN_OUTPUT)));
  const ended = once(keeper, 'exit');
  const stop = async (): Promise<void> => {
    if (keeper.connected) keeper.disconnect();
    await ended;
  };
  if (await serves(keeper, options.ready)) return { stop };
  await stop();
  throw new Error(`${options.command} does not start: ${output}`);
}

async function serves(keeper: ChildProcess, url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!signal.aborted && keeper.exitCode === null) {
    try {
      const response = await fetch(url, { signal });
      await response.arrayBuffer();
      if (response.ok) return true;
    } catch {
      // Not yet: it listens a moment after it starts.
    }
    await wait(100);
  }
  return false;
}
