// A process between the one that wants a Postgres and the server itself. Its only reason: when the wanting process
// dies, even by kill -9, its IPC channel closes, and the keeper shuts the server down. It runs in a session of its own,
// so that Ctrl-C in a terminal does not stop the database before the services that use it.
import { type ClusterOptions, startCluster } from './cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

export type KeeperMessage =
  | { kind: 'ready'; url: string; port: number; dataFolder: string; logFile: string; pid: number }
  | { kind: 'failed'; code: string; message: string };

function tell(message: KeeperMessage): void {
  // The parent may be gone already; then there is nobody to tell.
  if (process.connected) process.send?.(message);
}

async function keep(options: ClusterOptions): Promise<void> {
  let cluster;
  try {
    cluster = await startCluster(options);
  } catch (error) {
    const known = error instanceof EmbeddedPostgresError;
    tell({
      kind: 'failed',
      code: known ? error.code : 'start_failed',
      message: error instanceof Error ? error.message : String(error),
    });
    process.exitCode = 1;
    process.disconnect?.();
    return;
  }
  const { url, port, dataFolder, logFile, pid } = cluster;
  const stop = (): void => void cluster.stop().then(() => process.exit(0));
  process.once('disconnect', stop);
  process.once('SIGTERM', stop);
  void cluster.ended.then(() => process.exit(0));
  if (process.connected) tell({ kind: 'ready', url, port, dataFolder, logFile, pid });
  else stop();
}

process.on('SIGINT', () => undefined);
process.once('message', (options) => void keep(options as ClusterOptions));
