import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createAuthenticator } from '../auth/authenticator.ts';
import type { KeyMemory } from '../auth/key-memory.ts';
import type { KeyStore } from '../auth/key-store.ts';
import type { CommonEnvironment } from '../environment/common-environment.ts';
import { startMetricsServer } from '../server/metrics-server.ts';
import type { ReadinessCheck } from '../server/readiness.ts';
import type { ServerOptions, ServiceApp } from '../server/server.ts';
import type { Lifecycle } from './lifecycle.ts';
import { listen } from './listen.ts';
import { isStartError } from './start-error.ts';

export interface HttpServiceOptions {
  name: string;
  version: string;
  env: CommonEnvironment;
  logger: Logger;
  registry: Registry;
  lifecycle: Lifecycle;
  /** Ports, each with the variable that sets it. */
  port: { number: number; variable: string };
  metricsPort: { number: number; variable: string };
  keyStore: KeyStore;
  /** Where known keys survive a restart; without it they are forgotten. */
  keyMemory?: KeyMemory;
  readiness: readonly ReadinessCheck[];
  /** Makes the server of this service; it must not listen. */
  build(options: Omit<ServerOptions, 'service' | 'description'>): Promise<ServiceApp>;
}

const FIRST_CHECK_MS = 10_000;

/**
 * The part of a start that is the same for every service: metrics, authentication, server, listening. What its
 * readiness checks only wait for may be missing; what they refuse (by throwing a `StartError`) ends the start.
 */
export async function startHttpService(options: HttpServiceOptions): Promise<void> {
  const { name, version, env, logger, registry, lifecycle } = options;
  for (const { check } of options.readiness) await check(AbortSignal.timeout(FIRST_CHECK_MS));
  const metrics = await startMetricsServer({
    registry,
    host: env.METRICS_HOST,
    port: options.metricsPort.number,
    logger,
    service: name,
    portVariable: options.metricsPort.variable,
  });
  lifecycle.onStop('metrics', 'metrics server', () => metrics.close());

  const authenticator = createAuthenticator({
    service: name,
    store: options.keyStore,
    ...(options.keyMemory && { memory: options.keyMemory }),
    staleMaxMs: env.AUTH_STALE_MAX,
    environment: env.RLAAS_ENV,
    now: Date.now,
    logger,
    registry,
  });
  await authenticator.start();
  lifecycle.onStop('workers', 'authenticator', () => authenticator.stop());

  const app = await options.build({
    version,
    logger,
    registry,
    authenticator,
    internalToken: env.INTERNAL_TOKEN,
    readiness: options.readiness.map((check) => endingOnRefusal(check, logger, lifecycle)),
    limits: { requestsPerKey: env.RATE_LIMIT_PER_KEY, failedAuthPerAddress: env.RATE_LIMIT_FAILED_AUTH },
    trustProxy: env.TRUST_PROXY,
    now: Date.now,
  });
  await listen({
    app,
    host: env.HOST,
    port: options.port.number,
    portVariable: options.port.variable,
    lifecycle,
  });
}

/** What was away at the start may turn out to be unfit when it comes: then the service ends as it would have then. */
function endingOnRefusal(
  { name, check }: ReadinessCheck,
  logger: Logger,
  lifecycle: Lifecycle,
): ReadinessCheck {
  return {
    name,
    async check(signal) {
      try {
        return await check(signal);
      } catch (error) {
        if (!isStartError(error)) throw error;
        logger.fatal(error.message);
        void lifecycle.stop().then(() => process.exit(error.exitCode));
        return { ok: false, message: 'it is refused; see the log of the service' };
      }
    },
  };
}
