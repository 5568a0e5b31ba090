import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** The user that Postgres runs as; `undefined` means: whoever runs this process. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root. For root, the account is `postgres` where the machine has one, else `nobody`:
 * nothing on the machine is changed for it.
 */
export function accountForPostgres(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined && Number(uid) !== 0)
      return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresError(
    'no_account',
    'Postgres may not run as root, and this machine has neither a user "postgres" nor "nobody". Run this as another user, or set DATABASE_URL.',
  );
}

/** Whether the account may enter every folder on the way to `path` (which need not exist yet). */
export function isReachable(path: string, account: Account | undefined): boolean {
  if (!account) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat && !mayEnter(stat, account)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(stat: { uid: number; gid: number; mode: number }, account: Account): boolean {
  if (stat.uid === account.uid) return (stat.mode & 0o100) !== 0;
  if (stat.gid === account.gid) return (stat.mode & 0o010) !== 0;
  return (stat.mode & 0o001) !== 0;
}
