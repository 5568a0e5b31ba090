import { withOwner } from '@rlaas/database';

/** Makes a database on a server that is ours. The name is a constant of the program. */
export async function createDatabaseIfMissing(superuserUrl: string, name: string): Promise<void> {
  await withOwner(superuserUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  });
}
