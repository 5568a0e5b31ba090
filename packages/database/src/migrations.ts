import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { MIGRATIONS_FOLDER, migrationNames } from './files.ts';

/** Where node-pg-migrate notes what has run. */
const MIGRATIONS_TABLE = 'migrations';

/** Migrations that the database lacks, oldest first. An empty database lacks all. */
export async function pendingMigrations(client: pg.ClientBase): Promise<string[]> {
  const names = await migrationNames();
  const { rows: found } = await client.query<{ there: boolean }>(
    "select to_regclass('rlaas.migrations') is not null as there",
  );
  if (!found[0]?.there) return names;
  const { rows } = await client.query<{ name: string }>('select name from rlaas.migrations');
  const done = new Set(rows.map((row) => row.name));
  return names.filter((name) => !done.has(name));
}

/**
 * Runs all missing migrations in one transaction: either all of them are stored or none.
 * The caller holds the lock and has taken the role of the owner.
 * @returns their names
 */
export async function runMigrations(
  client: pg.ClientBase,
  log: (line: string) => void,
  folder = MIGRATIONS_FOLDER,
): Promise<string[]> {
  const done = await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: MIGRATIONS_TABLE,
    migrationsSchema: 'rlaas',
    createMigrationsSchema: true,
    singleTransaction: true,
    noLock: true,
    checkOrder: true,
    logger: { debug: () => undefined, info: () => undefined, warn: log, error: () => undefined },
  });
  return done.map((migration) => migration.name);
}
