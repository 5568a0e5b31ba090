import { fileURLToPath } from 'node:url';
import { createDatabase, createKeyStore, databaseReadiness } from '@rlaas/database';
import { runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createIngest } from './ingest/ingest.ts';

await runService({
  name: 'collector',
  version: manifest.version,
  environment: environmentSchema,
  source: process.env,
  file: fileURLToPath(new URL('../../../config/.env', import.meta.url)),
  async start({ env, logger, registry, lifecycle }) {
    const database = createDatabase({
      url: env.DATABASE_URL,
      poolMax: env.DATABASE_POOL_MAX,
      applicationName: 'rlaas-collector',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    });
    lifecycle.onStop('resources', 'postgres', () => database.close());
    const ingest = createIngest({
      database,
      now: Date.now,
      onLost: (error) =>
        logger.error({ err: error }, 'events could not be stored; they are to be sent again'),
    });
    await startHttpService({
      name: 'collector',
      version: manifest.version,
      env,
      logger,
      registry,
      lifecycle,
      port: { number: env.COLLECTOR_PORT, variable: 'COLLECTOR_PORT' },
      metricsPort: { number: env.COLLECTOR_METRICS_PORT, variable: 'COLLECTOR_METRICS_PORT' },
      keyStore: createKeyStore(database),
      readiness: [{ name: 'postgres', check: databaseReadiness({ database, url: env.DATABASE_URL }) }],
      build: (options) => buildApp({ ...options, ingest }),
    });
  },
});
