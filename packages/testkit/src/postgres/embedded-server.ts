import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@rlaas/database/embedded';
import type { PostgresServer } from './postgres-server.ts';

/** Faster than a server that must survive a power cut; a killed process loses nothing with these either. */
const TEST_SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };

/** A server of its own for a test that stops, kills or fills it. Always the embedded one. */
export async function startEmbedded(settings: Record<string, string> = {}): Promise<
  PostgresServer & {
    port: number;
    pid: number;
    dataFolder: string;
    password: string;
    /** Stops the server and keeps its data; `restart` brings it back on the same port. */
    halt(): Promise<void>;
    restart(): Promise<void>;
  }
> {
  const folder = join(tmpdir(), `rlaas-test-${randomBytes(6).toString('hex')}`);
  const dataFolder = join(folder, 'data');
  const password = 'test';
  let server = await startEmbeddedPostgres({
    dataFolder,
    port: 0,
    password,
    settings: { ...TEST_SETTINGS, ...settings },
  });
  const { port, url } = server;
  return {
    superuserUrl: url,
    port,
    password,
    dataFolder: server.dataFolder,
    get pid() {
      return server.pid;
    },
    description: 'the Postgres that npm brings',
    halt: () => server.stop(),
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres({
        dataFolder,
        port,
        password,
        settings: { ...TEST_SETTINGS, ...settings },
      });
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      rmSync(server.dataFolder, { recursive: true, force: true });
      rmSync(server.logFile, { force: true });
    },
  };
}
