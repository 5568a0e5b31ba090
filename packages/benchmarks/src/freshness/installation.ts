import { readFile } from 'node:fs/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort, removeData } from '@rlaas/database/embedded';
import pg from 'pg';
import { BenchFailure } from '../bench-failure.ts';
import { endProcess } from '../process/end-process.ts';

/** A whole installation, as `rlaas dev` starts it. */
export interface Installation {
  /** Of the gateway. */
  origin: string;
  /** As the owner, who sees the rows of the seed's tenant. */
  client: pg.Client;
  stop: () => Promise<void>;
}

const READY_MS = 60_000;
const STOP_MS = 30_000;
const SEED_TENANT = '0190a000-0000-7000-8000-000000000001';

/** @param folder for its data */
export async function startInstallation(root: string, folder: string): Promise<Installation> {
  const state = join(folder, 'state');
  const env: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'USER']) env[name] = process.env[name] ?? '';
  for (const name of ['GATEWAY', 'COLLECTOR', 'REWARD', 'TRAINER']) {
    env[`${name}_PORT`] = String(await freePort());
    env[`${name}_METRICS_PORT`] = String(await freePort());
  }
  env['POSTGRES_PORT'] = String(await freePort());
  const child = spawn(process.execPath, [join(root, 'packages/cli/src/main.ts'), 'dev', '--state', state], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilReady(child);
  const { ownerUrl } = JSON.parse(await readFile(join(state, 'connection.json'), 'utf8')) as {
    ownerUrl: string;
  };
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`select set_config('rlaas.tenants', '{${SEED_TENANT}}', false)`);
  return {
    origin: `http://127.0.0.1:${env['GATEWAY_PORT']}`,
    client,
    async stop() {
      await client.end();
      child.kill('SIGINT');
      await endProcess(child, STOP_MS);
      await removeData(join(state, 'postgres'));
    },
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new BenchFailure(`not ready in time:\n${output}`)), READY_MS);
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      if (!output.includes('ready in ')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('close', () => reject(new BenchFailure(`rlaas dev ended:\n${output}`)));
  });
}
