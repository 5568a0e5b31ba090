import pg from 'pg';
import { explainConnectionError, maskUrl, partsOf } from './connection-url.ts';
import { hearsNotifications } from './direct-connection.ts';
import { pendingMigrations } from './migrations.ts';
import { judgeServerVersion } from './server-version.ts';

export interface InstallationCheckOptions {
  /** Connection of the services' login. */
  url: string;
  /** What to call the place in messages; default: the URL without its password. */
  where?: string;
  connectTimeoutMs?: number;
}

export type InstallationFinding = {
  code:
    | 'unreachable'
    | 'version_refused'
    | 'version_untried'
    | 'login_too_mighty'
    | 'login_too_weak'
    | 'roles_missing'
    | 'not_migrated'
    | 'no_notifications';
  /** `refuse`: a service must not start. `wait`: it may pass by itself. `note`: it works, but say so. */
  weight: 'refuse' | 'wait' | 'note';
  /** What is wrong and how to mend it. */
  message: string;
};

interface Standing {
  version: number;
  login: string;
  superuser: boolean;
  bypass: string[];
  owner: boolean;
  missing_roles: string[];
  missing_memberships: string[];
}

/**
 * Looks at a database as a service would use it: can it be reached, is it new enough, and does the login hold neither
 * too many rights (row-level security must bind it) nor too few.
 */
export async function checkInstallation(options: InstallationCheckOptions): Promise<InstallationFinding[]> {
  const client = new pg.Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
  });
  // Errors of an idle client are events; without a listener they would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    return [
      {
        code: 'unreachable',
        weight: 'wait',
        message: explainConnectionError(error, options.where ?? maskUrl(options.url)),
      },
    ];
  }
  try {
    const findings = judgeStanding(await standingOf(client), partsOf(options.url).user);
    if (findings.some((finding) => finding.weight !== 'note')) return findings;
    const pending = await pendingMigrations(client);
    if (pending.length > 0) {
      findings.push({
        code: 'not_migrated',
        weight: 'wait',
        message: `The database lacks ${pending.length} migration(s), from ${pending[0]}. Run "rlaas migrate".`,
      });
    }
    return findings;
  } finally {
    await client.end();
  }
}

/** Whether LISTEN works over the direct connection; if not, services poll, which is slower but correct. */
export async function checkNotifications(url: string): Promise<InstallationFinding | undefined> {
  try {
    if (await hearsNotifications(url)) return undefined;
  } catch (error) {
    return { code: 'unreachable', weight: 'wait', message: explainConnectionError(error, maskUrl(url)) };
  }
  return {
    code: 'no_notifications',
    weight: 'note',
    message:
      'LISTEN hears nothing on this connection, so it is a pooler: changes are found by polling. Set DATABASE_DIRECT_URL to reach Postgres itself.',
  };
}

async function standingOf(client: pg.Client): Promise<Standing> {
  // current_user, since a pooler may log in as somebody else than the URL says. A superuser is a member of every role,
  // so membership of the owner is asked for without that.
  const { rows } = await client.query<Standing>(`
    select current_setting('server_version_num')::int as version,
           current_user::text as login,
           me.rolsuper as superuser,
           array(
             select r.rolname::text from pg_roles r
             where (r.rolbypassrls or r.rolsuper)
               -- Its own rights, and those of any role that it could act as.
               and (r.oid = me.oid or (not me.rolsuper and pg_has_role(me.oid, r.oid, 'member')))
             order by 1
           ) as bypass,
           exists (
             select from pg_roles o where o.rolname = 'rlaas_owner' and pg_has_role(me.oid, o.oid, 'member')
           ) as owner,
           array(
             select w from unnest(array['rlaas_owner', 'rlaas_api', 'rlaas_worker']) w
             where not exists (select from pg_roles r where r.rolname = w)
           ) as missing_roles,
           array(
             select r.rolname::text from pg_roles r
             where r.rolname in ('rlaas_api', 'rlaas_worker') and not pg_has_role(me.oid, r.oid, 'member')
             order by 1
           ) as missing_memberships
    from pg_roles me where me.rolname = current_user`);
  const [standing] = rows;
  if (!standing) throw new Error('the login is not in pg_roles');
  return standing;
}

function judgeStanding(standing: Standing, userInUrl: string): InstallationFinding[] {
  const findings: InstallationFinding[] = [];
  const version = judgeServerVersion(standing.version);
  if (version.verdict === 'refused')
    return [{ code: 'version_refused', weight: 'refuse', message: version.message }];
  if (version.verdict === 'untried')
    findings.push({ code: 'version_untried', weight: 'note', message: version.message });
  const who =
    standing.login === userInUrl ? `"${standing.login}"` : `"${standing.login}" (through the pooler)`;
  const mend = `Let the services log in with a role of their own: create role rlaas_app login password '…' in role rlaas_api, rlaas_worker; and put it into DATABASE_URL.`;
  if (standing.superuser) {
    findings.push({
      code: 'login_too_mighty',
      weight: 'refuse',
      message: `The login ${who} is a superuser, so tenants would not be kept apart. ${mend}`,
    });
  } else if (standing.bypass.length > 0) {
    findings.push({
      code: 'login_too_mighty',
      weight: 'refuse',
      message: `Role ${standing.bypass.join(', ')}, which the login ${who} is or may act as, may bypass row-level security, so tenants would not be kept apart. Run: ${standing.bypass.map((role) => `alter role "${role}" nobypassrls;`).join(' ')} or: ${mend}`,
    });
  } else if (standing.owner) {
    findings.push({
      code: 'login_too_mighty',
      weight: 'refuse',
      message: `The login ${who} is a member of rlaas_owner and could change the tables. Keep that login for DATABASE_OWNER_URL. ${mend}`,
    });
  }
  if (standing.missing_roles.length > 0) {
    findings.push({
      code: 'roles_missing',
      weight: 'wait',
      message: `The database server lacks the roles ${standing.missing_roles.join(', ')}. Run "rlaas migrate".`,
    });
  } else if (standing.missing_memberships.length > 0 && !standing.superuser) {
    findings.push({
      code: 'login_too_weak',
      weight: 'refuse',
      message: `The login ${who} is no member of ${standing.missing_memberships.join(' and ')}. Run: grant ${standing.missing_memberships.join(', ')} to "${standing.login}";`,
    });
  }
  return findings;
}
