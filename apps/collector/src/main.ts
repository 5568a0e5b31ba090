import { fileURLToPath } from 'node:url';
import { DatabaseError, createDatabase, createKeyStore, databaseReadiness } from '@rlaas/database';
import { runService, startHttpService } from '@rlaas/service';
import manifest from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';
import { environmentSchema } from './env.ts';
import type { PartitionKeeper } from './partitions/partition-keeper.ts';
import { startCollecting } from './start-collecting.ts';

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
    const writing = createDatabase({
      url: env.DATABASE_URL,
      poolMax: env.INGEST_WRITERS,
      applicationName: 'rlaas-collector-writer',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    });
    lifecycle.onStop('resources', 'postgres of the writers', () => writing.close());
    const collecting = startCollecting({
      database,
      writing,
      masterKey: env.RLAAS_MASTER_KEY,
      writers: env.INGEST_WRITERS,
      lingerMs: env.INGEST_LINGER,
      eventsPerKey: env.INGEST_EVENTS_PER_KEY,
      bytesPerKey: env.INGEST_MIB_PER_KEY * 1_048_576,
      logger,
      registry,
      lifecycle,
      now: Date.now,
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
      readiness: [
        { name: 'postgres', check: databaseReadiness({ database, url: env.DATABASE_URL }) },
        { name: 'partitions', check: () => checkPartitions(collecting.partitions) },
      ],
      build: (options) => buildApp({ ...options, ...collecting }),
    });
  },
});

/** What keeps the partitions from being looked at keeps them from being known: the check of Postgres says what it is. */
async function checkPartitions({ check }: PartitionKeeper): ReturnType<PartitionKeeper['check']> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof DatabaseError)
      return { ok: false, message: 'The partitions of events cannot be seen.' };
    throw error;
  }
}
