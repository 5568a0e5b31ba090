import { join } from 'node:path';
import { checkInstallation, migrate, partsOf, seed } from '@rlaas/database';
import { freePort, startEmbeddedPostgres } from '@rlaas/database/embedded';
import type { Connection } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { createDatabaseIfMissing } from './create-database.ts';
import { isPortInUse, portOf } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** Where people look for the database of `rlaas dev`; another one is taken when this is in use. */
const USUAL_PORT = 54_329;
const DATABASE = 'rlaas';
const APP_LOGIN = 'rlaas_app';

export interface DevDatabase extends Connection {
  /** For the table that is printed. */
  description: string;
  /** Settles when the server ended by itself; never for a database that is not ours. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  environment: Readonly<Record<string, string | undefined>>;
  stateFolder: string;
  secrets: Secrets;
  print: (line: string) => void;
}

/** The database of the environment, or else an embedded one; up to date, and seeded unless this is production. */
export async function openDevDatabase(options: Options): Promise<DevDatabase> {
  const { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl } = options.environment;
  return appUrl ? useGiven(options, appUrl, ownerUrl || undefined) : startOwn(options);
}

async function useGiven(
  options: Options,
  appUrl: string,
  ownerUrl: string | undefined,
): Promise<DevDatabase> {
  if (ownerUrl) {
    await migrate({ ownerUrl, appUrl, log: options.print });
    if (options.environment['RLAAS_ENV'] !== 'production') await seed({ ownerUrl });
  }
  for (const finding of await checkInstallation({ url: appUrl })) {
    if (finding.weight === 'note') options.print(`note: ${finding.message}`);
    else throw new CommandError(exitCodeOf(finding.code), finding.message);
  }
  return {
    appUrl,
    ownerUrl,
    description: `${partsOf(appUrl).host} (DATABASE_URL)`,
    ended: new Promise(() => undefined),
    stop: async () => undefined,
  };
}

/** The exit code for what is wrong with an installation. */
export function exitCodeOf(code: string): CommandError['exitCode'] {
  if (code === 'unreachable') return EXIT.postgresUnreachable;
  if (code === 'version_refused') return EXIT.postgresVersion;
  return EXIT.installationRefused;
}

async function startOwn({ environment, stateFolder, secrets, print }: Options): Promise<DevDatabase> {
  const wanted = portOf(environment, 'POSTGRES_PORT', USUAL_PORT);
  const taken = await isPortInUse(wanted);
  if (taken && environment['POSTGRES_PORT']) {
    throw new CommandError(
      EXIT.portInUse,
      `Port ${wanted} (POSTGRES_PORT) is in use by another program. Stop it, or set POSTGRES_PORT to another one.`,
    );
  }
  const server = await startEmbeddedPostgres({
    dataFolder: join(stateFolder, 'postgres'),
    port: taken ? await freePort() : wanted,
    password: secrets.ownerPassword,
  });
  if (server.dataFolder !== join(stateFolder, 'postgres')) {
    print(`Postgres may not enter ${stateFolder} when root starts it; its data are in ${server.dataFolder}.`);
  }
  try {
    const connection = await prepare(server.url, secrets, print);
    return {
      ...connection,
      description: `127.0.0.1:${server.port} (embedded, log ${server.logFile})`,
      ended: server.ended,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function prepare(
  superuserUrl: string,
  secrets: Secrets,
  print: (line: string) => void,
): Promise<{ appUrl: string; ownerUrl: string }> {
  const at = (database: string, user?: { name: string; password: string }): string => {
    const url = new URL(superuserUrl);
    url.pathname = `/${database}`;
    if (user) {
      url.username = user.name;
      url.password = encodeURIComponent(user.password);
    }
    return url.toString();
  };
  const ownerUrl = at(DATABASE);
  const appUrl = at(DATABASE, { name: APP_LOGIN, password: secrets.appPassword });
  await createDatabaseIfMissing(superuserUrl, DATABASE);
  const done = await migrate({ ownerUrl, appUrl, log: () => undefined });
  if (done.length > 0) print(`migrated: ${done.join(', ')}`);
  await seed({ ownerUrl });
  return { appUrl, ownerUrl };
}
