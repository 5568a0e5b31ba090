import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  createJobs,
  createDatabase,
  createKeyManagement,
  createKeyStore,
  databaseReadiness,
} from '@rlaas/database';
import { createObjectStore } from '@rlaas/object-store';
import { generateKey, objectStoreConfiguration, runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import { createEstimationThreads } from './evaluations/estimation-threads.ts';
import { evaluationKind } from './evaluations/evaluation-kind.ts';
import { createEvaluations } from './evaluations/evaluations.ts';
import { runEvaluation } from './evaluations/run-evaluation.ts';
import { createJobMetrics } from './metrics/job-metrics.ts';
import { createPolicies } from './policies/policies.ts';
import { createRollouts } from './rollouts/rollouts.ts';
import { jobWorker, startJobs } from './start-jobs.ts';
import { startRollouts } from './start-rollouts.ts';
import { startTraining } from './start-training.ts';
import { createTenantAdministration } from './tenants/tenant-administration.ts';
import { createLearningThread } from './training-runs/learning-thread.ts';
import { runTraining } from './training-runs/run-training.ts';
import { trainingRunKind } from './training-runs/training-run-kind.ts';
import { createTrainingRuns } from './training-runs/training-runs.ts';

/** One core is left to what comes in meanwhile; more than four wait for Postgres. */
const EVALUATION_THREADS = Math.min(4, Math.max(1, availableParallelism() - 1));

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
    const store = createObjectStore(objectStoreConfiguration(env));
    const thread = createLearningThread();
    const threads = createEstimationThreads(EVALUATION_THREADS);
    // After the jobs, which work in them.
    lifecycle.onStop('resources', 'learning thread', () => thread.close());
    lifecycle.onStop('resources', 'estimation threads', () => threads.close());
    const observed = createJobMetrics(registry, [trainingRunKind.name, evaluationKind.name]);
    const queue = startJobs({
      database,
      directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
      lifecycle,
      logger,
      now: Date.now,
      workers: [
        jobWorker(trainingRunKind, (context) =>
          observed(trainingRunKind.name, () =>
            runTraining({ database, store, thread, now: Date.now, log: logger }, context),
          ),
        ),
        jobWorker(evaluationKind, (context) =>
          observed(evaluationKind.name, () =>
            runEvaluation({ database, store, now: Date.now, threads, log: logger }, context),
          ),
        ),
      ],
    });
    const freshKey = () => generateKey(randomBytes);
    const jobs = createJobs({ database, now: Date.now });
    const own = {
      tenants: createTenantAdministration({ database, freshKey, now: Date.now }),
      keys: createKeyManagement({ database, freshKey, now: Date.now }),
      policies: createPolicies({ database, now: Date.now }),
      jobs,
      rollouts: createRollouts({ database, now: Date.now }),
      trainingRuns: createTrainingRuns({ database, jobs, queue }),
      evaluations: createEvaluations({ database, jobs, queue }),
    };
    startTraining({ database, store, lifecycle, logger, registry, now: Date.now });
    startRollouts({ database, lifecycle, logger, registry, now: Date.now });
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
