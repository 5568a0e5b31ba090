import { queueSchemaSql } from './jobs/queue-schema.ts';
import { MIGRATIONS_FOLDER, migrationNames, readSql } from './files.ts';

/** What node-pg-migrate makes before its first migration; kept the same so that `rlaas migrate` can go on from here. */
const MIGRATIONS_TABLE_SQL =
  'create table rlaas.migrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);';

/**
 * All of `config/db` as one file for people who use psql: the roles and the result of every migration, in one
 * transaction, noted as if `rlaas migrate` had run them.
 */
export async function initSql(): Promise<string> {
  const parts = [
    `-- Generated from roles.sql and migrations/ by "npm run generate"; do not edit.
-- Run it once, in an empty database, as a superuser:
--   psql -v ON_ERROR_STOP=1 -d <database> -f config/db/init.sql
-- then give the services a login:
--   create role rlaas_app login password '…' in role rlaas_api, rlaas_worker;
begin;
`,
    await readSql('roles.sql'),
    `do $$ begin execute format('grant create on database %I to rlaas_owner', current_database()); end $$;
set local role rlaas_owner;
create schema rlaas;
${MIGRATIONS_TABLE_SQL}
`,
  ];
  for (const name of await migrationNames(MIGRATIONS_FOLDER)) {
    parts.push(
      `-- ${name}\n`,
      await readSql(`migrations/${name}.sql`),
      `insert into rlaas.migrations (name, run_on) values ('${name}', now());\n`,
    );
  }
  parts.push('-- the queues of jobs, as pg-boss makes them\n', queueSchemaSql(), 'commit;\n');
  return parts.join('\n');
}
