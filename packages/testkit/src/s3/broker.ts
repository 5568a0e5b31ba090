import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Servers } from './s3-server.ts';

/** All servers of a run, and how to stop them. */
export interface RunningServers extends S3Servers {
  stop(): Promise<void>;
}

/**
 * Lets test files, which run in processes of their own, share servers that belong to the process of the whole run: the
 * first request starts them, `stop` ends them whatever became of the tests.
 */
export async function startBroker(
  start: () => Promise<RunningServers>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  let running: Promise<RunningServers> | undefined;
  const http = createServer((_request, response) => {
    running ??= start();
    running.then(
      ({ servers, skipped }) => response.end(JSON.stringify({ servers, skipped })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    async stop() {
      http.close();
      http.closeAllConnections();
      // A failed start was told to the test files, and left nothing to stop.
      const servers = await running?.catch(() => undefined);
      await servers?.stop();
    },
  };
}
