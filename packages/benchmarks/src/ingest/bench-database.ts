import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate, seed, withOwner } from '@rlaas/database';
import { removeData, startEmbeddedPostgres } from '@rlaas/database/embedded';
import pg from 'pg';
import { BenchFailure } from '../bench-failure.ts';
import type { Releases } from '../releases.ts';
import { type ReferenceTable, REFERENCE, makeReferenceTable } from './reference-table.ts';

/** A Postgres of the bench's own, with the settings that Postgres comes with. */
export interface BenchDatabase {
  /** Connection of the services' login. */
  appUrl: string;
  version: string;
  /** Of the example tenant, whose key the requests carry. */
  tenantId: string;
  reference: ReferenceTable;
  /** A superuser's, past row-level security; for the reference and for looking. */
  client: pg.Client;
  /** Empties events and reference, and writes out what is left to write, so that no run pays for the one before. */
  reset(): Promise<void>;
  /** Rows of a table, and their bytes on average. */
  contents(table: 'rlaas.events' | typeof REFERENCE): Promise<{ rows: number; bytesPerRow: number }>;
}

const DATABASE = 'rlaas';

/** @param folder where its data may be; they are removed at the end */
export async function openBenchDatabase(releases: Releases, folder: string): Promise<BenchDatabase> {
  const dataFolder = join(folder, 'postgres');
  const server = await releases.acquire(
    () => startEmbeddedPostgres({ dataFolder, port: 0, password: randomBytes(12).toString('hex') }),
    async (started) => {
      await started.stop();
      await removeData(dataFolder);
      // Where the server may not enter the folder its data are in another one.
      await rm(started.dataFolder, { recursive: true, force: true });
      await rm(started.logFile, { force: true });
    },
  );
  const ownerUrl = withDatabase(server.url, DATABASE);
  const appUrl = withLogin(ownerUrl, 'rlaas_app', randomBytes(12).toString('hex'));
  await withOwner(server.url, (client) => client.query(`create database ${DATABASE}`));
  await migrate({ ownerUrl, appUrl, log: () => undefined });
  await seed({ ownerUrl });
  const client = await releases.acquire(
    async () => {
      const connecting = new pg.Client({ connectionString: ownerUrl });
      // When the server ends, the statement that fails says so.
      connecting.on('error', () => undefined);
      await connecting.connect();
      return connecting;
    },
    (connected) => connected.end(),
  );
  return {
    appUrl,
    client,
    ...(await factsOf(client)),
    reference: await makeReferenceTable(client),
    async reset() {
      await client.query(`truncate rlaas.events, rlaas.ingest_batches, ${REFERENCE} cascade`);
      await client.query('checkpoint');
    },
    async contents(table) {
      const { rows } = await client.query<{ rows: number; bytesPerRow: number }>(
        `select count(*)::int as rows, coalesce(avg(pg_column_size(t.*)), 0)::float8 as "bytesPerRow" from ${table} t`,
      );
      return rows[0] ?? { rows: 0, bytesPerRow: 0 };
    },
  };
}

async function factsOf(client: pg.Client): Promise<{ version: string; tenantId: string }> {
  const { rows } = await client.query<{ version: string; tenantId: string; fsync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            (select id from rlaas.tenants where slug = 'acme-support') as "tenantId"`,
  );
  const [facts] = rows;
  if (facts?.fsync !== 'on')
    throw new BenchFailure('this Postgres does not wait for its disk (fsync is off)');
  return { version: facts.version, tenantId: facts.tenantId };
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.toString();
}
