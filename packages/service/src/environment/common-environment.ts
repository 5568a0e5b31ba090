import { z } from 'zod';
import { countField, durationMs, networksField, secretField, urlField } from './fields.ts';

const POSTGRES = ['postgres:', 'postgresql:'];

/**
 * What every service reads. A service extends it with its own fields:
 * `commonEnvironment.extend({ GATEWAY_PORT: portField(8080), GATEWAY_METRICS_PORT: portField(9464) })`.
 * Durations are in milliseconds once they are read.
 */
export const commonEnvironment = z.object({
  /** `production` refuses the key of the seed data. */
  RLAAS_ENV: z.enum(['local', 'production'], { error: 'must be local or production' }).default('local'),
  /** Address the public port listens on. Open it to the network deliberately. */
  HOST: z.string().default('127.0.0.1'),
  /** Address of the metrics port, which has no authentication. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
  /** `json` for machines, `pretty` for one readable line each. */
  LOG_FORMAT: z.enum(['json', 'pretty'], { error: 'must be json or pretty' }).default('json'),
  /** What services show each other on `/internal/*`. The same for all services of an installation. */
  INTERNAL_TOKEN: secretField({ min: 32 }),
  /** How long a known key stays valid while the database is away. */
  AUTH_STALE_MAX: durationMs('1h'),
  /** Proxies whose `x-forwarded-*` headers are believed. */
  TRUST_PROXY: networksField,
  /** Requests per second that one key may make. */
  RATE_LIMIT_PER_KEY: countField(5000, { min: 1 }),
  /** Failed authentications per second that one address may make. */
  RATE_LIMIT_FAILED_AUTH: countField(20, { min: 1 }),
  /** Wait after readiness went off, so that load balancers notice before the port closes. */
  SHUTDOWN_DELAY: durationMs('0s'),
  /** Time that each phase of stopping may take. */
  SHUTDOWN_TIMEOUT: durationMs('20s'),
  DATABASE_URL: urlField(POSTGRES),
  /** The database without a pooler in between; default: `DATABASE_URL`. */
  DATABASE_DIRECT_URL: urlField(POSTGRES).optional(),
  DATABASE_POOL_MAX: countField(10, { min: 1, max: 1000 }),
});
export type CommonEnvironment = Readonly<z.output<typeof commonEnvironment>>;
