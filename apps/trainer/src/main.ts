import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createDatabase, createKeyManagement, createKeyStore, databaseReadiness } from '@rlaas/database';
import { generateKey, runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createPolicyReader } from './policies/policy-reader.ts';
import { createTenantAdministration } from './tenants/tenant-administration.ts';

await runService({
  name: 'trainer',
  version: manifest.version,
  environment: environmentSchema,
  source: process.env,
  file: fileURLToPath(new URL('../../../config/.env', import.meta.url)),
  async start({ env, logger, registry, lifecycle }) {
    const database = createDatabase({
      url: env.DATABASE_URL,
      poolMax: env.DATABASE_POOL_MAX,
      applicationName: 'rlaas-trainer',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    });
    lifecycle.onStop('resources', 'postgres', () => database.close());
    const freshKey = () => generateKey(randomBytes);
    const own = {
      tenants: createTenantAdministration({ database, freshKey, now: Date.now }),
      keys: createKeyManagement({ database, freshKey, now: Date.now }),
      policies: createPolicyReader(database),
    };
    await startHttpService({
      name: 'trainer',
      version: manifest.version,
      env,
      logger,
      registry,
      lifecycle,
      port: { number: env.TRAINER_PORT, variable: 'TRAINER_PORT' },
      metricsPort: { number: env.TRAINER_METRICS_PORT, variable: 'TRAINER_METRICS_PORT' },
      keyStore: createKeyStore(database),
      readiness: [{ name: 'postgres', check: databaseReadiness({ database, url: env.DATABASE_URL }) }],
      build: (options) => buildApp({ ...options, ...own }),
    });
  },
});
