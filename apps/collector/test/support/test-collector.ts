import { type Database, createDatabase, createKeyStore, newId } from '@rlaas/database';
import { type IngestAnswer, SEED_API_KEY } from '@rlaas/schemas';
import { createAuthenticator, createLifecycle, listen } from '@rlaas/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { buildApp } from '../../src/app.ts';
import { type CollectingOptions, startCollecting } from '../../src/start-collecting.ts';

export const TENANT = '0190a000-0000-7000-8000-000000000001';
const INTERNAL_TOKEN = 'internal-token-of-at-least-32-characters';

export interface Answer {
  status: number;
  headers: Headers;
  body: IngestAnswer & Record<string, unknown>;
}

/** A collector over a database, listening on a port of its own, as it is in production. */
export async function startTestCollector(url: string, options: Partial<CollectingOptions> = {}) {
  const logger = pino({ level: 'silent' });
  const registry = new Registry();
  const lifecycle = createLifecycle({
    logger,
    now: () => performance.now(),
    phaseTimeoutMs: 20_000,
    delayMs: 0,
  });
  const now = options.now ?? Date.now;
  const database: Database = createDatabase({
    url,
    poolMax: 8,
    applicationName: 'collector under test',
    onIdleError: () => undefined,
    pause: async () => undefined,
  });
  lifecycle.onStop('resources', 'postgres', () => database.close());
  const authenticator = createAuthenticator({
    service: 'collector',
    store: createKeyStore(database),
    staleMaxMs: 3_600_000,
    environment: 'local',
    now: Date.now,
    logger,
    registry,
  });
  const collecting = startCollecting({
    database,
    writing: database,
    masterKey: 'a master key of at least 32 characters',
    writers: 2,
    lingerMs: 5,
    eventsPerKey: 1_000_000,
    bytesPerKey: 1_000_000_000,
    logger,
    registry,
    lifecycle,
    now,
    ...options,
  });
  await collecting.partitions.keep();
  const app = await buildApp({
    version: '1',
    logger,
    registry,
    authenticator,
    internalToken: INTERNAL_TOKEN,
    now: Date.now,
    limits: { requestsPerKey: 1_000_000 },
    ...collecting,
  });
  const { port } = await listen({
    app,
    host: '127.0.0.1',
    port: 0,
    portVariable: 'COLLECTOR_PORT',
    lifecycle,
  });
  const origin = `http://127.0.0.1:${port}`;

  const ask = async (
    path: string,
    request: {
      method?: string;
      key?: string;
      headers?: Record<string, string>;
      body?: string | Uint8Array<ArrayBuffer> | object;
    } = {},
  ): Promise<Answer> => {
    const { body, key = SEED_API_KEY, headers = {} } = request;
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${origin}${path}`, {
      method: request.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
    };
  };
  return {
    ...collecting,
    port,
    origin,
    database,
    registry,
    ask,
    send: (events: readonly unknown[], more: Record<string, unknown> = {}) =>
      ask('/v1/events', { body: { events, ...more } }),
    /** Sends by the route of the gateway's journal. */
    sendInternal: (events: readonly unknown[]) =>
      ask('/internal/events', {
        key: '',
        headers: { 'x-rlaas-internal-token': INTERNAL_TOKEN, 'x-rlaas-tenant': TENANT },
        body: { events },
      }),
    /** The value of a metric, over all its labels. */
    async metric(name: string): Promise<number> {
      const metric = await registry.getSingleMetric(`rlaas_collector_${name}`)?.get();
      if (!metric) throw new Error(`there is no metric ${name}`);
      return metric.values.reduce((sum, { value }) => sum + value, 0);
    },
    stop: () => lifecycle.stop(),
  };
}

/** An outcome that is well. */
export function outcome(changes: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  return {
    id: newId(Date.now()),
    type: 'outcome',
    occurred_at: new Date().toISOString(),
    source: 'test',
    decision_id: '019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d',
    data: { name: 'right', value: true },
    ...changes,
  };
}

/** A decision as the gateway writes it; `data` is changed by what is given. */
export function decision(data: Record<string, unknown> = {}, changes: Record<string, unknown> = {}) {
  return {
    id: newId(Date.now()),
    type: 'decision',
    occurred_at: new Date().toISOString(),
    source: 'gateway',
    policy: 'support-draft',
    data: {
      context: {},
      actions: [{ id: 'a' }, { id: 'b' }],
      probabilities: [0.5, 0.5],
      chosen: 1,
      propensity: 0.5,
      policy_version: null,
      checkpoint: null,
      mode: 'live',
      ...data,
    },
    ...changes,
  };
}
