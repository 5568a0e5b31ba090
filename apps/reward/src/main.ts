import { fileURLToPath } from 'node:url';
import { createDatabase, createKeyStore, databaseReadiness } from '@rlaas/database';
import { runService, startHttpService, startWorkLoop } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createRewardWorker } from './rewards/reward-worker.ts';
import { createSpecifications } from './specifications/specifications.ts';

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
    const specifications = createSpecifications({ database, now: Date.now });
    const worker = createRewardWorker({ database, now: Date.now });
    startWorkLoop({
      name: 'open rewards',
      lifecycle,
      logger,
      idleMs: 100,
      round: async () => (await worker.open()) > 0,
    });
    startWorkLoop({
      name: 'rewards of imports',
      lifecycle,
      logger,
      idleMs: 1_000,
      round: async () => (await worker.release()) > 0,
    });
    startWorkLoop({
      name: 'close rewards',
      lifecycle,
      logger,
      idleMs: 100,
      round: async () => (await worker.close()) > 0,
    });
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
      build: (options) => buildApp({ ...options, specifications }),
    });
  },
});
