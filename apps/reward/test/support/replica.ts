import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A replica of the service as a process of its own. */
export interface Replica {
  /** Ends it as the kernel does when memory is short: nothing of it runs any more. */
  kill: () => Promise<void>;
}

/** Starts a replica and waits until it takes work. */
export async function startReplica(databaseUrl: string): Promise<Replica> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      RLAAS_ENV: 'local',
      INTERNAL_TOKEN: randomBytes(24).toString('hex'),
      DATABASE_URL: databaseUrl,
      DATABASE_DIRECT_URL: databaseUrl,
      DATABASE_POOL_MAX: '5',
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      REWARD_PORT: String(port),
      REWARD_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
  });
  const exit = once(child, 'exit');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a replica ended with ${child.exitCode}: ${said}`);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
