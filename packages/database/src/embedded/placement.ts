import { chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Account, isReachable } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** World-enterable and not cleared at a restart, unlike the folder for temporary files. */
const SHARED_FOLDER = '/var/tmp';

/**
 * The folder of the programs, where the account can reach it. Root may well work in a folder that nobody else can
 * enter (its home, a `mktemp -d`); then the programs are copied once to a folder that everyone can.
 */
export function placeBinaries(binaries: PostgresBinaries, account: Account | undefined): string {
  if (isReachable(join(binaries.root, 'bin', 'postgres'), account)) return binaries.root;
  const target = join(SHARED_FOLDER, `rlaas-postgres-${binaries.version}`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    cpSync(binaries.root, partial, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(partial, target);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      // Another process was faster: its copy is the same.
      if (!existsSync(target)) throw error;
    }
  }
  // Somebody else could have put a folder of this name there first: what root starts must be root's.
  const stat = statSync(target);
  if (stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    throw new EmbeddedPostgresError(
      'start_failed',
      `${target} does not belong to root alone; remove it and start again.`,
    );
  }
  return target;
}

/** Where the data for the wanted folder really are: the same where the account can reach it. */
export function dataPlace(wanted: string, account: Account | undefined): string {
  if (isReachable(wanted, account)) return wanted;
  return join(SHARED_FOLDER, `rlaas-data-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
}

/** The data folder for the wanted one, made and handed over to the account. */
export function placeData(wanted: string, account: Account | undefined): string {
  const folder = dataPlace(wanted, account);
  // Only the folder itself is closed to others: what lies above it must stay enterable for the account.
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account) chownSync(folder, account.uid, account.gid);
  return folder;
}
