import pg from 'pg';
import { partsOf } from './connection-url.ts';
import { codeOf } from './database-error.ts';
import { readSql } from './files.ts';
import { MigrateError } from './migrate-error.ts';

/**
 * Makes sure that the three roles exist, that the connected login may act as rlaas_owner, that rlaas_owner may create
 * a schema here, and that the services' login exists and is a member of the other two.
 * @throws MigrateError `roles_missing` with the SQL for an administrator when the login may not do it itself
 */
export async function ensureRoles(
  client: pg.Client,
  options: { appUrl?: string; log: (line: string) => void },
): Promise<void> {
  const app = options.appUrl === undefined ? undefined : partsOf(options.appUrl);
  try {
    await client.query(await readSql('roles.sql'));
    const { rows } = await client.query<{ member: boolean; creates: boolean; database: string; me: string }>(`
      select pg_has_role(current_user, 'rlaas_owner', 'member') as member,
             has_database_privilege('rlaas_owner', current_database(), 'create') as creates,
             current_database() as database, current_user::text as me`);
    const [standing] = rows;
    if (!standing) throw new Error('no answer about the roles');
    if (!standing.member || !(await maySetRole(client))) {
      await client.query(`grant rlaas_owner to ${pg.escapeIdentifier(standing.me)}`);
    }
    if (!standing.creates) {
      await client.query(`grant create on database ${pg.escapeIdentifier(standing.database)} to rlaas_owner`);
    }
    if (app && app.user !== standing.me) await ensureLogin(client, app, options.log);
  } catch (cause) {
    // 42501: insufficient privilege. Everything else is not a question of rights.
    if (codeOf(cause) !== '42501') throw cause;
    const login = app?.user ?? 'rlaas_app';
    throw new MigrateError(
      'roles_missing',
      `This login may not prepare the roles (${(cause as Error).message}). Let an administrator run config/db/roles.sql, then:
  grant rlaas_owner to current_user;          -- the login of DATABASE_OWNER_URL
  grant create on database <name> to rlaas_owner;
  create role "${login}" login password '…' in role rlaas_api, rlaas_worker;`,
      { cause },
    );
  }
}

/** Since Postgres 16 a member may lack the right to act as the role. */
async function maySetRole(client: pg.Client): Promise<boolean> {
  await client.query('begin');
  try {
    await client.query('set local role rlaas_owner');
    return true;
  } catch (error) {
    if (codeOf(error) === '42501') return false;
    throw error;
  } finally {
    await client.query('rollback');
  }
}

async function ensureLogin(
  client: pg.Client,
  app: { user: string; password: string },
  log: (line: string) => void,
): Promise<void> {
  const login = pg.escapeIdentifier(app.user);
  const { rows } = await client.query<{ name: string; weak: string[] }>(
    `select r.rolname as name,
            array(select w from unnest(array['rlaas_api', 'rlaas_worker']) w
                  where not pg_has_role(r.oid, w, 'member')) as weak
     from pg_roles r where r.rolname = $1`,
    [app.user],
  );
  const [found] = rows;
  if (!found) {
    await client.query(
      `create role ${login} login password ${pg.escapeLiteral(app.password)} in role rlaas_api, rlaas_worker`,
    );
    log(`created the login ${app.user} for the services`);
  } else if (found.weak.length > 0) {
    await client.query(`grant ${found.weak.join(', ')} to ${login}`);
    log(`made ${app.user} a member of ${found.weak.join(' and ')}`);
  }
}
