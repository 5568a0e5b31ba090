import { randomBytes } from 'node:crypto';
import { freePort } from '@rlaas/database/embedded';
import { type ServiceProcess, startService } from '../process/service-process.ts';

/** Starts the reward service as it would run in production. @throws BenchFailure when it is not ready in time */
export async function startReward(options: { root: string; databaseUrl: string }): Promise<ServiceProcess> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  return startService({
    name: 'reward',
    root: options.root,
    port,
    env: {
      RLAAS_ENV: 'local',
      INTERNAL_TOKEN: randomBytes(24).toString('hex'),
      DATABASE_URL: options.databaseUrl,
      DATABASE_DIRECT_URL: options.databaseUrl,
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      REWARD_PORT: String(port),
      REWARD_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'pretty',
    },
  });
}
