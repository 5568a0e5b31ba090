import { Registry } from 'prom-client';
import { type AuthenticatorOptions, createAuthenticator } from '../../src/auth/authenticator.ts';
import { listen } from '../../src/lifecycle/listen.ts';
import { createServer, type ServerOptions, type ServiceApp } from '../../src/server/server.ts';
import { capturingLogger } from './capturing-logger.ts';
import { MapKeyStore } from './map-key-store.ts';

export const INTERNAL_TOKEN = 'internal-token-of-at-least-32-characters';

export interface TestServerOptions {
  routes?: (app: ServiceApp) => void;
  server?: Partial<ServerOptions>;
  authenticator?: Partial<AuthenticatorOptions>;
}

/** A service as it is in production, over a key store of the test, without listening. */
export async function testApp({ routes, server, authenticator: changes }: TestServerOptions = {}) {
  const store = new MapKeyStore();
  const registry = new Registry();
  const { logger, lines } = capturingLogger();
  const authenticator = createAuthenticator({
    service: 'test',
    store,
    staleMaxMs: 3_600_000,
    environment: 'local',
    now: () => Date.now(),
    logger,
    registry,
    ...changes,
  });
  const app = createServer({
    service: 'test',
    version: '1.2.3',
    logger,
    registry,
    authenticator,
    internalToken: INTERNAL_TOKEN,
    now: () => Date.now(),
    ...server,
  });
  app.register(async (scope) => routes?.(scope as ServiceApp));
  await app.ready();
  return { app, store, registry, lines, authenticator };
}

/** The same, listening on a port of 127.0.0.1; `await using` closes it. */
export async function testServer(options: TestServerOptions = {}) {
  const made = await testApp(options);
  const { port } = await listen({ app: made.app, host: '127.0.0.1', port: 0, portVariable: 'TEST_PORT' });
  return {
    ...made,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      made.app.server.closeAllConnections();
      await made.app.close();
    },
  };
}
