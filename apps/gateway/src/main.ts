import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, createKeyStore, databaseReadiness } from '@rlaas/database';
import { fileKeyMemory, runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createGatewayMetrics } from './metrics/gateway-metrics.ts';
import { servePolicies } from './serve-policies.ts';
import { startDeciding } from './start-deciding.ts';

await runService({
  name: 'gateway',
  version: manifest.version,
  environment: environmentSchema,
  source: process.env,
  file: fileURLToPath(new URL('../../../config/.env', import.meta.url)),
  async start(given) {
    const { env, logger, registry, lifecycle } = given;
    const database = createDatabase({
      url: env.DATABASE_URL,
      poolMax: env.DATABASE_POOL_MAX,
      applicationName: 'rlaas-gateway',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    });
    lifecycle.onStop('resources', 'postgres', () => database.close());
    const context = { ...given, database, metrics: createGatewayMetrics(registry) };
    const { catalogue, models } = await servePolicies(context);
    const deciding = await startDeciding({ ...context, catalogue, models });
    const upstreams = { collector: env.COLLECTOR_URL, reward: env.REWARD_URL, trainer: env.TRAINER_URL };
    const postgres = databaseReadiness({ database, url: env.DATABASE_URL });
    await startHttpService({
      name: 'gateway',
      version: manifest.version,
      env,
      logger,
      registry,
      lifecycle,
      port: { number: env.GATEWAY_PORT, variable: 'GATEWAY_PORT' },
      metricsPort: { number: env.GATEWAY_METRICS_PORT, variable: 'GATEWAY_METRICS_PORT' },
      keyStore: createKeyStore(database),
      keyMemory: fileKeyMemory(join(env.STATE_DIR, 'keys.json'), logger),
      readiness: [
        {
          name: 'policies',
          // Postgres may be away once policies are known: then it decides, which is what it gets traffic for.
          async check() {
            const found = await postgres();
            return found.ok || catalogue.loaded ? { ok: true } : found;
          },
        },
      ],
      build: (options) => buildApp({ ...options, ...deciding, upstreams, requestLog: 'errors' }),
    });
  },
});
