import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Folder of the SQL that makes a database: roles, migrations, seed. */
export const SQL_FOLDER = fileURLToPath(new URL('../../../config/db/', import.meta.url));
export const MIGRATIONS_FOLDER = `${SQL_FOLDER}migrations`;

/** A file of that folder. */
export function readSql(name: string): Promise<string> {
  return readFile(`${SQL_FOLDER}${name}`, 'utf8');
}

/** Names of all migrations in the order in which they run, without `.sql`. */
export async function migrationNames(folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => /^\d{4}_[a-z0-9-]+\.sql$/.test(file))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted();
}
