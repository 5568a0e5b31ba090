import { fileURLToPath } from 'node:url';
import { createDatabase, createKeyStore, databaseReadiness } from '@rlaas/database';
import { runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { createDomain } from './domain.ts';
import { environmentSchema } from './env.ts';
import { startRecomputing } from './start-recomputing.ts';
import { startRewarding } from './start-rewarding.ts';

await runService({
  name: 'reward',
  version: manifest.version,
  environment: environmentSchema,
  source: process.env,
  file: fileURLToPath(new URL('../../../config/.env', import.meta.url)),
  async start({ env, logger, registry, lifecycle }) {
    const database = createDatabase({
      url: env.DATABASE_URL,
      poolMax: env.DATABASE_POOL_MAX,
      applicationName: 'rlaas-reward',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    });
    lifecycle.onStop('resources', 'postgres', () => database.close());
    const queue = startRecomputing({
      database,
      directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
      lifecycle,
      logger,
      now: Date.now,
    });
    const own = createDomain({ database, now: Date.now, queue });
    startRewarding({ database, lifecycle, logger, registry, now: Date.now });
    await startHttpService({
      name: 'reward',
      version: manifest.version,
      env,
      logger,
      registry,
      lifecycle,
      port: { number: env.REWARD_PORT, variable: 'REWARD_PORT' },
      metricsPort: { number: env.REWARD_METRICS_PORT, variable: 'REWARD_METRICS_PORT' },
      keyStore: createKeyStore(database),
      readiness: [{ name: 'postgres', check: databaseReadiness({ database, url: env.DATABASE_URL }) }],
      build: (options) => buildApp({ ...options, ...own }),
    });
  },
});
