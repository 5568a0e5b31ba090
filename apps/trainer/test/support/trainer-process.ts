import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A trainer as a process of its own. */
export interface TrainerProcess {
  /** Where it answers. */
  origin: string;
  /** Ends it as the kernel does when memory is short: nothing of it runs any more. */
  kill: () => Promise<void>;
  /** Asks it to stop. @returns its exit code */
  stop: () => Promise<number | null>;
}

/** Starts a trainer and waits until it answers. */
export async function startTrainer(databaseUrl: string, objects: string): Promise<TrainerProcess> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      RLAAS_ENV: 'local',
      INTERNAL_TOKEN: randomBytes(24).toString('hex'),
      DATABASE_URL: databaseUrl,
      DATABASE_DIRECT_URL: databaseUrl,
      DATABASE_POOL_MAX: '5',
      OBJECT_STORE_DIR: objects,
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      TRAINER_PORT: String(port),
      TRAINER_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
  });
  const exit = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a trainer ended with ${child.exitCode}: ${said}`);
    const ready = await fetch(`${origin}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin,
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
      return child.exitCode;
    },
  };
}
