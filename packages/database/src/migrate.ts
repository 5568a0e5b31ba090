import pg from 'pg';
import { explainConnectionError, maskUrl, partsOf } from './connection-url.ts';
import { isDirect } from './direct-connection.ts';
import { readSql } from './files.ts';
import { MigrateError } from './migrate-error.ts';
import { migrateQueueSchema } from './jobs/queue-schema.ts';
import { runMigrations } from './migrations.ts';
import { ensureRoles } from './roles.ts';
import { judgeServerVersion } from './server-version.ts';

export interface MigrateOptions {
  /** Direct connection of a login that is, or may become, a member of rlaas_owner. */
  ownerUrl: string;
  /** Connection of the services; its login is created when it is missing and the owner's login may create roles. */
  appUrl?: string;
  /** A line per thing that was done. */
  log: (line: string) => void;
  /** Other migrations than the installed ones, for tests. */
  folder?: string;
}

/** Locks out other migrations of the same database; the number is arbitrary and must never change. */
const LOCK = 7_202_611_220_001;

/**
 * Brings a database up to date: roles, the services' login, migrations. Safe to run at any time and by several
 * processes at once: they wait for each other, and the later ones find nothing to do.
 * @returns names of the migrations that were run
 * @throws MigrateError with what to do
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  return withOwner(options.ownerUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    try {
      await ensureRoles(client, options);
      await client.query('set role rlaas_owner');
      const done = await runMigrations(client, options.log, options.folder);
      if (options.folder === undefined) await migrateQueueSchema(client);
      return done;
    } catch (error) {
      if (error instanceof MigrateError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new MigrateError('migration_failed', `A migration failed and nothing was changed: ${reason}`, {
        cause: error,
      });
    } finally {
      await client.query('reset role');
      await client.query('select pg_advisory_unlock($1)', [LOCK]);
    }
  });
}

/** Puts the example data into a migrated database; running it again changes nothing. */
export async function seed(options: { ownerUrl: string }): Promise<void> {
  const sql = await readSql('seed.sql');
  await withOwner(options.ownerUrl, async (client) => {
    await client.query(sql);
  });
}

/** Runs `work` on a direct connection of the owner's login. */
export async function withOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new MigrateError('unreachable', explainConnectionError(cause, maskUrl(ownerUrl)), { cause });
  }
  try {
    if (!(await isDirect(client))) {
      throw new MigrateError(
        'behind_pooler',
        `${partsOf(ownerUrl).host} is a pooler. Migrations hold a lock of their session, which a pooler hands to others: set DATABASE_OWNER_URL to Postgres itself.`,
      );
    }
    const { rows } = await client.query<{ number: number }>(
      "select current_setting('server_version_num')::int as number",
    );
    const version = judgeServerVersion(rows[0]?.number ?? 0);
    if (version.verdict === 'refused') throw new MigrateError('version_refused', version.message);
    return await work(client);
  } finally {
    await client.end();
  }
}
