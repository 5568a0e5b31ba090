import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { removeData } from '@rlaas/database/embedded';
import { SEED_API_KEY } from '@rlaas/schemas';
import { readEnvironment } from '@rlaas/service';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { rememberConnection } from '../connection.ts';
import { type DevDatabase, openDevDatabase } from '../dev/database.ts';
import { lockState } from '../dev/lock.ts';
import { isPortInUse } from '../dev/ports.ts';
import { untilReady } from '../dev/readiness.ts';
import { type Secrets, loadSecrets } from '../dev/secrets.ts';
import { type ServicePorts, servicePorts } from '../dev/services.ts';
import { type Supervisor, createSupervisor } from '../dev/supervisor.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { table } from '../table.ts';

export interface DevOptions {
  fresh?: boolean;
  state?: string;
}

/** Signals of the person at the terminal: the first asks for an orderly end, the second for an immediate one. */
export interface Interruptions {
  first: Promise<void>;
  second: Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * `rlaas dev`: a database, the four services, their logs, until Ctrl-C. Whatever was started is stopped in every way
 * this can end; should this process be killed, its children notice and stop by themselves.
 */
export async function devCommand(
  context: CommandContext,
  options: DevOptions,
  interruptions: Interruptions,
): Promise<void> {
  const startedAt = Date.now();
  // Spelling mistakes first: each service would refuse them too, one after the other.
  readEnvironment(z.object({}), { source: context.environment });
  const stateFolder = resolve(options.state ?? join(context.root, '.rlaas'));
  await mkdir(stateFolder, { recursive: true });
  const releases: (() => Promise<void>)[] = [await lockState(stateFolder)];
  try {
    if (options.fresh) await forget(stateFolder, context.print);
    const services = servicePorts(context.environment);
    await refusePortsInUse(services);
    const secrets = await loadSecrets(stateFolder);
    const database = await openDevDatabase({ ...context, stateFolder, secrets });
    releases.push(() => database.stop());
    await rememberConnection(stateFolder, database);
    const hopeless = Promise.withResolvers<never>();
    const supervisor = createSupervisor({
      root: context.root,
      services: services.map((service) => ({
        name: service.name,
        environment: {
          ...serviceEnvironment(context, { services, secrets, database, stateFolder }),
          // The gateway says who the caller is; the services behind it believe it.
          ...(service.name === 'gateway' ? {} : { TRUST_PROXY: 'loopback' }),
          // Who does not hash subjects needs no key to it.
          ...(service.name === 'collector' && {
            RLAAS_MASTER_KEY: context.environment['RLAAS_MASTER_KEY'] || secrets.masterKey,
          }),
        },
      })),
      print: context.print,
      coloured: process.stdout.isTTY && !context.environment['NO_COLOR'],
      onHopeless: (name, code) =>
        hopeless.reject(
          new CommandError(
            EXIT.failed,
            `${name} could not start (code ${code}); its last lines above say why.`,
          ),
        ),
    });
    releases.push(() => supervisor.stop());
    void interruptions.second.then(() => supervisor.kill());
    supervisor.start();
    await Promise.race([
      run(context, { services, database, startedAt, supervisor, interrupted: interruptions.first }),
      hopeless.promise,
    ]);
  } finally {
    context.print('stopping …');
    for (const release of releases.toReversed()) await release();
    context.print('stopped');
  }
}

async function run(
  context: CommandContext,
  given: {
    services: ServicePorts[];
    database: DevDatabase;
    startedAt: number;
    supervisor: Supervisor;
    interrupted: Promise<void>;
  },
): Promise<void> {
  const giveUp = new AbortController();
  const ended = Promise.race([
    given.interrupted,
    given.database.ended.then(() => {
      throw new CommandError(
        EXIT.failed,
        `Postgres ended by itself (${given.database.description}). What is stored stays: start it again with the same command.`,
      );
    }),
  ]).finally(() => giveUp.abort());
  // Observed below in each case; until then an early end must not count as unhandled.
  ended.catch(() => undefined);
  const reasons = await Promise.race([
    ended.then(() => []),
    Promise.all(
      given.services.map(async (service) => {
        const reason = await untilReady(`http://127.0.0.1:${service.port}`, {
          timeoutMs: READY_TIMEOUT_MS,
          signal: giveUp.signal,
        });
        return reason === undefined ? [] : [`  ${service.name}: ${reason}`];
      }),
    ).then((all) => all.flat()),
  ]);
  if (giveUp.signal.aborted) return ended;
  if (reasons.length > 0) {
    throw new CommandError(
      EXIT.failed,
      `Not ready after ${READY_TIMEOUT_MS / 1_000} s:\n${reasons.join('\n')}`,
    );
  }
  printOverview(context, given);
  await ended;
}

function printOverview(
  context: CommandContext,
  given: { services: ServicePorts[]; database: DevDatabase; startedAt: number },
): void {
  const rows = given.services
    .toReversed()
    .map((service) => [
      service.name,
      `http://127.0.0.1:${service.port}`,
      `http://127.0.0.1:${service.port}/docs`,
      `http://127.0.0.1:${service.metricsPort}/metrics`,
    ]);
  const gateway = rows[0]?.[1] ?? '';
  context.print('');
  context.print(table(['service', 'url', 'documentation', 'metrics'], rows));
  context.print('');
  context.print(
    table(
      ['what', 'value'],
      [
        ['public origin', `${gateway} (the gateway serves the APIs of all services)`],
        ['API key', `${SEED_API_KEY} (tenant acme-support; refused in production)`],
        ['Postgres', given.database.description],
      ],
    ),
  );
  context.print('');
  context.print(`Try:  curl -H 'authorization: Bearer ${SEED_API_KEY}' ${gateway}/v1/policies/support-draft`);
  context.print(`ready in ${((Date.now() - given.startedAt) / 1_000).toFixed(1)} s; Ctrl-C stops everything`);
}

async function refusePortsInUse(services: readonly ServicePorts[]): Promise<void> {
  const taken: string[] = [];
  for (const service of services) {
    if (await isPortInUse(service.port))
      taken.push(`  ${service.port} of the ${service.name} (${service.portVariable})`);
    if (await isPortInUse(service.metricsPort)) {
      taken.push(
        `  ${service.metricsPort} of the ${service.name}'s metrics (${service.metricsPortVariable})`,
      );
    }
  }
  if (taken.length > 0) {
    throw new CommandError(
      EXIT.portInUse,
      `These ports are in use by other programs:\n${taken.join('\n')}\nStop those programs, or set the variables in brackets to free ports.`,
    );
  }
}

async function forget(stateFolder: string, print: (line: string) => void): Promise<void> {
  await removeData(join(stateFolder, 'postgres'));
  for (const name of ['gateway', 'objects', 'secrets.json', 'connection.json']) {
    await rm(join(stateFolder, name), { recursive: true, force: true });
  }
  print(`forgot what was kept in ${stateFolder}`);
}

function serviceEnvironment(
  context: CommandContext,
  given: { services: ServicePorts[]; secrets: Secrets; database: DevDatabase; stateFolder: string },
): Record<string, string> {
  const own: Record<string, string | undefined> = {
    LOG_FORMAT: 'pretty',
    INTERNAL_TOKEN: given.secrets.internalToken,
    STATE_DIR: join(given.stateFolder, 'gateway'),
    OBJECT_STORE_DIR: join(given.stateFolder, 'objects'),
    ...context.environment,
    DATABASE_URL: given.database.appUrl,
  };
  for (const service of given.services) {
    own[service.portVariable] = String(service.port);
    own[service.metricsPortVariable] = String(service.metricsPort);
    own[`${service.name.toUpperCase()}_URL`] ??= `http://127.0.0.1:${service.port}`;
  }
  // No service may have it: it belongs to migrations alone.
  delete own['DATABASE_OWNER_URL'];
  delete own['RLAAS_MASTER_KEY'];
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
