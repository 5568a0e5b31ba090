import { randomBytes } from 'node:crypto';
import { freePort } from '@rlaas/database/embedded';
import { type ServiceProcess, startService } from '../process/service-process.ts';

/** A collector that runs as it would in production, but for its limits. */
export interface Collector extends ServiceProcess {
  kind: 'collector';
}

/** @throws BenchFailure with its last lines when it is not ready in time */
export async function startCollector(options: { root: string; databaseUrl: string }): Promise<Collector> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const service = await startService({
    name: 'collector',
    root: options.root,
    port,
    env: {
      RLAAS_ENV: 'local',
      INTERNAL_TOKEN: randomBytes(24).toString('hex'),
      DATABASE_URL: options.databaseUrl,
      DATABASE_DIRECT_URL: options.databaseUrl,
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      COLLECTOR_PORT: String(port),
      COLLECTOR_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'pretty',
      RATE_LIMIT_PER_KEY: '1000000000',
    },
  });
  return { kind: 'collector', ...service };
}
