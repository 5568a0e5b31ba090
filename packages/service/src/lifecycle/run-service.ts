import closeWithGrace from 'close-with-grace';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { CommonEnvironment, commonEnvironment } from '../environment/common-environment.ts';
import { EnvironmentError } from '../environment/environment-error.ts';
import { type EnvironmentOrigins, readEnvironment } from '../environment/environment.ts';
import { createLogger } from '../logging/logger.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { EXIT_CODES, isStartError } from './start-error.ts';

/** What a service is started with. */
export interface ServiceContext<Environment> {
  env: Environment;
  logger: Logger;
  /** Has the default metrics of the process already. */
  registry: Registry;
  lifecycle: Lifecycle;
}

export interface RunServiceOptions<Schema extends z.ZodObject> extends EnvironmentOrigins {
  /** Such as `gateway`. */
  name: string;
  version: string;
  /** `commonEnvironment`, extended with the service's own variables. */
  environment: Schema;
  /** Acquires everything, arranges its release with `lifecycle.onStop`, and listens. */
  start(context: ServiceContext<Readonly<z.output<Schema>>>): Promise<void>;
}

/**
 * Runs a service until it is told to stop: the whole of its `main.ts`, which passes `source: process.env`.
 *
 * It ends the process: with 0 after a clean stop by SIGTERM, SIGINT or the end of the parent that started it with an
 * IPC channel; with 1 when the start failed, on an uncaught error, or when something could not be released; with 78
 * when the environment is not valid. A second signal ends it at once.
 */
export async function runService<Schema extends typeof commonEnvironment>(
  options: RunServiceOptions<Schema>,
): Promise<void> {
  const { name, version } = options;
  const env = environmentOrExit(options);
  const settings: CommonEnvironment = env;
  const logger = createLogger({ service: name, level: settings.LOG_LEVEL, format: settings.LOG_FORMAT });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const lifecycle = createLifecycle({
    logger,
    now: () => performance.now(),
    phaseTimeoutMs: settings.SHUTDOWN_TIMEOUT,
    delayMs: settings.SHUTDOWN_DELAY,
  });
  const requested = stopOnRequest(logger, lifecycle);

  try {
    await lifecycle.start(() => options.start({ env, logger, registry, lifecycle }));
    logger.info({ version, pid: process.pid }, 'started');
  } catch (error) {
    // What was acquired was taken away from a start that a signal interrupted: the process ends by the signal.
    if (requested.stopping) return;
    if (isStartError(error)) {
      logger.fatal(error.message);
      process.exit(error.exitCode);
    }
    logger.fatal({ err: error }, 'the service could not start');
    process.exit(EXIT_CODES.failed);
  }
}

function environmentOrExit<Schema extends z.ZodObject>({
  environment,
  source,
  file,
}: RunServiceOptions<Schema>): Readonly<z.output<Schema>> {
  try {
    return readEnvironment(environment, { source, file });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT_CODES.configuration);
  }
}

function stopOnRequest(logger: Logger, lifecycle: Lifecycle): { readonly stopping: boolean } {
  const requested = { stopping: false };
  const grace = closeWithGrace(
    {
      // Each phase of stopping has its own time.
      delay: false,
      logger: false,
      onSecondSignal: (signal) => logger.warn({ signal }, 'stopped at once'),
      onSecondError: (error) => logger.fatal({ err: error }, 'an uncaught error while stopping'),
    },
    async ({ signal, err }) => {
      requested.stopping = true;
      if (err) logger.fatal({ err }, 'an uncaught error; stopping');
      else logger.info({ signal }, 'stopping');
      const { clean } = await lifecycle.stop();
      if (!clean) throw new Error('not everything could be released');
    },
  );
  // The development command starts services as its children; without it nobody would stop them.
  if (process.connected) {
    process.once('disconnect', () => {
      if (!requested.stopping) grace.close();
    });
  }
  return requested;
}
