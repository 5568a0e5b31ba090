import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { cannotListen } from './cannot-listen.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface ListenOptions {
  app: FastifyInstance;
  host: string;
  /** 0: the system chooses one. */
  port: number;
  /** The variable that sets the port; for the message when it is taken. */
  portVariable: string;
  /** Where stopping is arranged: readiness goes off, then requests in flight are finished. */
  lifecycle?: Lifecycle;
}

const IDLE_SWEEP_MS = 50;

/**
 * Begins to accept requests.
 * @throws StartError when the port cannot be used.
 */
export async function listen(options: ListenOptions): Promise<{ port: number }> {
  const { app, host, port, portVariable, lifecycle } = options;
  // Arranged first: a server that fails to listen has plugins to close all the same.
  lifecycle?.onStop('drain', 'http server', (signal) => drain(app, signal));
  try {
    await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    throw cannotListen(error, { service: app.serviceName, host, port, portVariable });
  }
  lifecycle?.onStop('readiness', 'readiness', () => app.readiness.turnOff());
  return { port: (app.server.address() as AddressInfo).port };
}

/**
 * Stops accepting and waits for the requests in flight. When `signal` is aborted, connections that are still open
 * are closed with what they carry.
 */
export async function drain(app: FastifyInstance, signal: AbortSignal): Promise<void> {
  // A connection whose answer was under way when closing began is kept open by its caller: it is closed once idle.
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  const giveUp = () => app.server.closeAllConnections();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    signal.removeEventListener('abort', giveUp);
  }
}
