import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, createKeyStore } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, createLifecycle, listen, readEnvironment } from '@rlaas/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { buildApp } from '../../src/app.ts';
import { environmentSchema } from '../../src/env.ts';
import { createGatewayMetrics } from '../../src/metrics/gateway-metrics.ts';
import { servePolicies } from '../../src/serve-policies.ts';
import { startDeciding } from '../../src/start-deciding.ts';

const INTERNAL_TOKEN = 'internal-token-of-at-least-32-characters';
const NOWHERE = 'http://127.0.0.1:1';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** A gateway over a database, listening on a port of its own, as it is in production; the other services are away. */
export async function startTestGateway(url: string, given: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rlaas-gateway-'));
  const logger = pino({ level: 'silent' });
  const registry = new Registry();
  const lifecycle = createLifecycle({
    logger,
    now: () => performance.now(),
    phaseTimeoutMs: 5_000,
    delayMs: 0,
  });
  const env = readEnvironment(environmentSchema, {
    source: {
      INTERNAL_TOKEN,
      DATABASE_URL: url,
      STATE_DIR: join(folder, 'state'),
      OBJECT_STORE_DIR: join(folder, 'objects'),
      COLLECTOR_URL: NOWHERE,
      SHUTDOWN_TIMEOUT: '200ms',
      ...given,
    },
  });
  const database = createDatabase({
    url,
    poolMax: 4,
    applicationName: 'gateway under test',
    onIdleError: () => undefined,
  });
  lifecycle.onStop('resources', 'postgres', () => database.close());
  const context = { env, logger, registry, lifecycle, database, metrics: createGatewayMetrics(registry) };
  const { catalogue, models } = await servePolicies(context);
  const deciding = await startDeciding({ ...context, catalogue, models });
  const authenticator = createAuthenticator({
    service: 'gateway',
    store: createKeyStore(database),
    staleMaxMs: 3_600_000,
    environment: 'local',
    now: Date.now,
    logger,
    registry,
  });
  const app = await buildApp({
    version: 'test',
    logger,
    registry,
    authenticator,
    internalToken: INTERNAL_TOKEN,
    now: Date.now,
    limits: { requestsPerKey: 1_000_000 },
    ...deciding,
    upstreams: { collector: NOWHERE, reward: NOWHERE, trainer: NOWHERE },
    requestLog: 'errors',
  });
  const { port } = await listen({ app, host: '127.0.0.1', port: 0, portVariable: 'GATEWAY_PORT', lifecycle });
  const origin = `http://127.0.0.1:${port}`;

  async function send<Body>(path: string, body?: unknown, key: string = SEED_API_KEY): Promise<Answer<Body>> {
    const response = await fetch(`${origin}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  return {
    origin,
    folder,
    env,
    catalogue,
    registry,
    send,
    async stop() {
      app.server.closeAllConnections();
      await lifecycle.stop();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
