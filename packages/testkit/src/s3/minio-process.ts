import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from './build-once.ts';
import { cacheFolder } from './cache-folder.ts';
import { freePort } from '@rlaas/database/embedded';
import { startKept } from './kept-process.ts';
import type { StartResult } from './s3-server.ts';

/** Upstream's last commit before it was archived. */
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const BUILD_TIMEOUT_MS = 20 * 60_000;
const CREDENTIALS = { accessKeyId: 'rlaas-test', secretAccessKey: 'rlaas-test-secret' };

/**
 * MinIO's server compiled by the Go toolchain. Compiling takes minutes, so it is done only where `TEST_S3_BUILD_MINIO=1`
 * asks for it; the result is kept and used by later runs without asking.
 */
export async function startMinioProcess(environment: NodeJS.ProcessEnv): Promise<StartResult> {
  const folder = join(cacheFolder(environment), `minio-${VERSION}`);
  if (!existsSync(folder) && environment['TEST_S3_BUILD_MINIO'] !== '1')
    return { skipped: 'none was compiled before (TEST_S3_BUILD_MINIO=1 does, with Go, in some minutes)' };
  try {
    await buildOnce(folder, async (unfinished) => {
      console.log(`compiling MinIO ${VERSION}; this takes some minutes, once`);
      await promisify(execFile)('go', ['install', '-trimpath', `github.com/minio/minio@${VERSION}`], {
        env: { ...environment, GOBIN: unfinished, CGO_ENABLED: '0' },
        timeout: BUILD_TIMEOUT_MS,
      });
    });
  } catch (error) {
    return { skipped: `Go does not compile it (${error instanceof Error ? error.message : String(error)})` };
  }
  const data = await mkdtemp(join(tmpdir(), 'rlaas-minio-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const kept = await startKept({
    command: join(folder, 'minio'),
    arguments: [
      'server',
      join(data, 'objects'),
      '--address',
      `127.0.0.1:${port}`,
      '--config-dir',
      join(data, 'config'),
    ],
    environment: {
      ...environment,
      MINIO_ROOT_USER: CREDENTIALS.accessKeyId,
      MINIO_ROOT_PASSWORD: CREDENTIALS.secretAccessKey,
      MINIO_BROWSER: 'off',
    },
    ready: `${endpoint}/minio/health/live`,
  });
  return {
    server: {
      name: 'MinIO (compiled)',
      endpoint,
      region: 'us-east-1',
      ...CREDENTIALS,
      checksSignatures: true,
    },
    async stop() {
      await kept.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
