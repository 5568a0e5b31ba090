import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, findBinaries } from '@rlaas/database/embedded';
import { EXIT } from '../exit-codes.ts';
import type { Finding } from './finding.ts';

const MIB = 1024 * 1024;
/** A fresh database with a week of an example's events stays below this. */
const ENOUGH_BYTES = 200 * MIB;
const COMFORTABLE_BYTES = 2_048 * MIB;

export function checkNode(version: string): Finding {
  const major = Number(version.replace(/^v/, '').split('.')[0]);
  if (major >= 24) return { what: 'Node', verdict: 'fine', message: version };
  return {
    what: 'Node',
    verdict: 'wrong',
    message: `${version} is too old: 24 or newer is needed. On Linux "make setup" brings it; elsewhere install it.`,
    exitCode: EXIT.notSetUp,
  };
}

/** Whether the Postgres that npm brings is there, for those who have no other. */
export function checkBinaries(needed: boolean): Finding {
  const what = 'embedded Postgres';
  try {
    const { version } = findBinaries();
    return { what, verdict: 'fine', message: `${version} for ${platform()}-${arch()}` };
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    return needed
      ? { what, verdict: 'wrong', message: error.message, exitCode: EXIT.notSetUp }
      : { what, verdict: 'note', message: `${error.message} It is not needed: DATABASE_URL is set.` };
  }
}

/** Whether the folder for data can be written and its disk has room. */
export function checkDisk(stateFolder: string, freeBytes: (folder: string) => number = freeBytesOf): Finding {
  const what = 'disk';
  let folder = stateFolder;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return {
      what,
      verdict: 'wrong',
      message: `${folder} cannot be written by you. Change its owner, or give another with --state.`,
      exitCode: EXIT.failed,
    };
  }
  const free = freeBytes(folder);
  const room = `${Math.floor(free / MIB).toLocaleString('en')} MiB free at ${folder}`;
  if (free < ENOUGH_BYTES) {
    return {
      what,
      verdict: 'wrong',
      message: `${room}: too full. Make room first.`,
      exitCode: EXIT.diskFull,
    };
  }
  if (free < COMFORTABLE_BYTES) return { what, verdict: 'note', message: `${room}: that will not last long` };
  return { what, verdict: 'fine', message: room };
}

/** A file with secrets that others on the machine can read. */
export function checkEnvironmentFile(root: string): Finding {
  const what = 'config/.env';
  const stat = statSync(join(root, 'config', '.env'), { throwIfNoEntry: false });
  if (!stat) return { what, verdict: 'fine', message: 'none: defaults are used' };
  if (platform() !== 'win32' && (stat.mode & 0o077) !== 0) {
    return {
      what,
      verdict: 'note',
      message: 'others can read it, and it holds secrets: chmod 600 config/.env',
    };
  }
  return { what, verdict: 'fine', message: 'there, and only you can read it' };
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
