import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClusterOptions } from './cluster.ts';
import { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded-postgres-error.ts';
import type { KeeperMessage } from './keeper.ts';

export interface EmbeddedPostgres {
  /** Connection of the superuser to the database `postgres`, on 127.0.0.1. */
  url: string;
  port: number;
  dataFolder: string;
  logFile: string;
  /** Process id of the server itself, for fault tests. */
  pid: number;
  /** Settles when the server has ended, wanted or not. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the Postgres that npm installed, behind a keeper that ends it when this process ends, however it ends.
 * @throws EmbeddedPostgresError with what to do
 */
export async function startEmbeddedPostgres(options: ClusterOptions): Promise<EmbeddedPostgres> {
  const keeper = fork(fileURLToPath(new URL('./keeper.ts', import.meta.url)), [options.dataFolder], {
    // The folder is among its arguments only to show in a list of processes whose Postgres it keeps.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
  const message = await new Promise<KeeperMessage>((resolve, reject) => {
    keeper.once('message', (told) => resolve(told as KeeperMessage));
    keeper.once('error', reject);
    keeper.once('exit', (code) => reject(new Error(`the keeper of Postgres ended early with code ${code}`)));
    keeper.send(options);
  });
  if (message.kind === 'failed') {
    await ended;
    throw new EmbeddedPostgresError(message.code as EmbeddedPostgresErrorCode, message.message);
  }
  // The channel must stay open for as long as this process lives, but must not keep it alive.
  keeper.unref();
  keeper.channel?.unref();
  const { kind: _kind, ...server } = message;
  return {
    ...server,
    ended,
    async stop() {
      if (keeper.exitCode === null && keeper.connected) {
        keeper.ref();
        keeper.disconnect();
      }
      await ended;
    },
  };
}
