import { randomBytes } from 'node:crypto';
import { migrate, seed, withOwner } from '@rlaas/database';
import { startEmbedded, urlFor } from '@rlaas/testkit';

/** A server that a scenario may stop, starve and break, with the database of the scenario. */
export interface ChaosPostgres {
  port: number;
  readonly pid: number;
  dataFolder: string;
  /** A superuser's connection to the database of the scenario. */
  ownerUrl: string;
  /** That of the services' login. */
  appUrl: string;
  tenantId: string;
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<void>;
  halt(): Promise<void>;
  restart(): Promise<void>;
}

export type PostgresServer = Awaited<ReturnType<typeof startEmbedded>>;

/** Waits for its disk, as in production, and keeps its log of changes small enough for a small disk. */
const SETTINGS = { fsync: 'on', full_page_writes: 'on', max_wal_size: '64MB', min_wal_size: '32MB' };
const LOGIN = { user: 'rlaas_app', password: 'chaos' };

export function startChaosServer(): Promise<PostgresServer> {
  return startEmbedded(SETTINGS);
}

/** A migrated and seeded database of its own on a server that may have others. */
export async function makeDatabase(server: PostgresServer): Promise<ChaosPostgres> {
  const database = `chaos_${randomBytes(4).toString('hex')}`;
  await withOwner(server.superuserUrl, (client) => client.query(`create database ${database}`));
  const ownerUrl = urlFor(server.superuserUrl, { database });
  const appUrl = urlFor(ownerUrl, LOGIN);
  await migrate({ ownerUrl, appUrl, log: () => undefined });
  await seed({ ownerUrl });
  const tenantId = await withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      "select id from rlaas.tenants where slug = 'acme-support'",
    );
    if (!rows[0]) throw new Error('the seed has no tenant acme-support');
    return rows[0].id;
  });
  return {
    port: server.port,
    get pid() {
      return server.pid;
    },
    dataFolder: server.dataFolder,
    ownerUrl,
    appUrl,
    tenantId,
    async sql(text) {
      await withOwner(ownerUrl, (client) => client.query(text));
    },
    halt: () => server.halt(),
    restart: () => server.restart(),
  };
}
