import { randomBytes } from 'node:crypto';
import { seed, withOwner } from '@rlaas/database';
import { afterAll, inject } from 'vitest';
import { failed } from './failed.ts';
import { urlFor } from './database-url.ts';
import './provided.ts';

export interface TestDatabase {
  name: string;
  /** Connection of the services' login. */
  url: string;
  /** Connection of a superuser, who may act as the owner. */
  ownerUrl: string;
  /** Runs SQL as the superuser, past row-level security; for preparing and looking. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

/**
 * A database for one test file: a clone of the migrated template, or an empty one. It is dropped when the file is
 * done, and kept when a test of it failed. Call it at the top of the file, outside of any hook.
 */
export async function createTestDatabase(
  options: { seeded?: boolean; empty?: boolean } = {},
): Promise<TestDatabase> {
  const { superuserUrl, template, appPassword } = inject('postgres');
  const name = `rlaas_test_${randomBytes(6).toString('hex')}`;
  await withOwner(superuserUrl, (client) =>
    client.query(`create database ${name}${options.empty ? '' : ` template ${template}`}`),
  );
  const ownerUrl = urlFor(superuserUrl, { database: name });
  const url = urlFor(superuserUrl, { database: name, user: 'rlaas_test', password: appPassword });
  if (options.seeded) await seed({ ownerUrl });
  afterAll(async ({}, suite) => {
    if (failed(suite)) {
      console.warn(`a test failed; its database is kept: ${name}`);
      return;
    }
    await withOwner(superuserUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
  });
  return {
    name,
    url,
    ownerUrl,
    sql: (text, values) =>
      withOwner(ownerUrl, async (client) => {
        const { rows } = await client.query(text, values);
        return rows;
      }),
  };
}
