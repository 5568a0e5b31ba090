import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createJobs,
  createDatabase,
  createKeyManagement,
  createKeyStore,
  databaseReadiness,
} from '@rlaas/database';
import { createObjectStore } from '@rlaas/object-store';
import {
  generateKey,
  objectStoreConfiguration,
  runService,
  startHttpService,
  startWorkLoop,
} from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createPolicies } from './policies/policies.ts';
import { createRolloutWorker } from './rollouts/rollout-worker.ts';
import { createRollouts } from './rollouts/rollouts.ts';
import { createTrainingMetrics } from './metrics/training-metrics.ts';
import { createTenantAdministration } from './tenants/tenant-administration.ts';
import { createTrainingWorker } from './training/training-worker.ts';

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
      policies: createPolicies({ database, now: Date.now }),
      jobs: createJobs({ database, now: Date.now }),
      rollouts: createRollouts({ database, now: Date.now }),
    };
    const store = createObjectStore(objectStoreConfiguration(env));
    const training = createTrainingWorker({
      holder: randomUUID(),
      database,
      store,
      now: Date.now,
      observe: createTrainingMetrics(registry),
      onCheckpoint: ({ policy, version }, checkpoint) =>
        logger.info({ policy, version, checkpoint }, 'checkpoint written'),
      onFailure: ({ policy, version }, error) =>
        logger.error({ err: error, policy, version }, 'a version could not learn'),
    });
    lifecycle.onStop('resources', 'training leases', () => training.release());
    startWorkLoop({ name: 'training', lifecycle, logger, idleMs: 200, round: () => training.round() });
    const rollouts = createRolloutWorker({
      database,
      now: Date.now,
      onMoved: ({ policy, version, stage, share, outcome }, move) =>
        logger.info({ policy, version, stage, share, outcome, ...move }, 'rollout moved'),
      onFailure: (rollout, error) =>
        logger.error({ err: error, rollout }, 'a rollout could not be looked at'),
    });
    startWorkLoop({ name: 'rollouts', lifecycle, logger, idleMs: 250, round: () => rollouts.round() });
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
      readiness: [
        { name: 'postgres', check: databaseReadiness({ database, url: env.DATABASE_URL }) },
        // Makes the bucket where there is none.
        { name: 'object store', check: (signal) => store.check(signal) },
      ],
      build: (options) => buildApp({ ...options, ...own }),
    });
  },
});
