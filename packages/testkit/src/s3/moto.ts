import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from './build-once.ts';
import { cacheFolder } from './cache-folder.ts';
import { freePort } from '@rlaas/database/embedded';
import { startKept } from './kept-process.ts';
import type { StartResult } from './s3-server.ts';

const VERSION = '5.2.5';
const INSTALL_TIMEOUT_MS = 180_000;

/** moto's S3 server, installed from PyPI into a folder of its own the first time, and kept. */
export async function startMoto(environment: NodeJS.ProcessEnv): Promise<StartResult> {
  const folder = join(cacheFolder(environment), `moto-${VERSION}`);
  try {
    await buildOnce(folder, async (unfinished) => {
      console.log(`installing moto ${VERSION} for S3 tests; this takes half a minute, once`);
      const run = promisify(execFile);
      await run('python3', ['-m', 'venv', unfinished], { timeout: INSTALL_TIMEOUT_MS });
      const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '15'];
      await run(join(unfinished, 'bin', 'python'), [...pip, `moto[server]==${VERSION}`], {
        timeout: INSTALL_TIMEOUT_MS,
      });
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { skipped: `no moto: Python does not install it (${message.trim().split('\n').at(-1)})` };
  }
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const kept = await startKept({
    command: join(folder, 'bin', 'python'),
    arguments: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    environment,
    ready: `${endpoint}/moto-api/`,
  });
  return {
    server: {
      name: `moto ${VERSION}`,
      endpoint,
      region: 'us-east-1',
      accessKeyId: 'test',
      secretAccessKey: 'test',
      checksSignatures: false,
    },
    stop: kept.stop,
  };
}
