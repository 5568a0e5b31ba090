import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { cannotListen } from '../lifecycle/cannot-listen.ts';

export interface MetricsServerOptions {
  registry: Registry;
  host: string;
  port: number;
  logger: FastifyBaseLogger;
  /** Whose port it is and the variable that sets it; for the message when it is taken. */
  service: string;
  portVariable: string;
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` and nothing else, on a port of its own that is not reachable from where requests come from.
 * @throws StartError when the port cannot be used.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { registry, host, port, logger, service, portVariable } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(registry, request, response).catch((error: unknown) => {
      logger.error({ err: error }, 'the metrics could not be written');
      response.destroy();
    });
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(error, { service: `${service} (metrics)`, host, port, portVariable });
  }
  const address = server.address() as AddressInfo;
  logger.info({ host: address.address, port: address.port }, 'metrics are served');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (path !== '/metrics') return end(response, 404, 'Metrics are at /metrics.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return end(response, 405, 'Use GET.\n', { allow: 'GET, HEAD' });
  }
  const text = await registry.metrics();
  end(response, 200, request.method === 'HEAD' ? '' : text, { 'content-type': registry.contentType });
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(text);
}
