import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** Where a database is, for commands that work on one. */
export interface Connection {
  appUrl: string;
  /** Needed for migrations, the seed and operator keys only. */
  ownerUrl: string | undefined;
}

const FILE = 'connection.json';

/** Notes how the running development installation reaches its database, so that other commands find it. */
export async function rememberConnection(
  stateFolder: string,
  { appUrl, ownerUrl }: Connection,
): Promise<void> {
  await writeFile(join(stateFolder, FILE), `${JSON.stringify({ appUrl, ownerUrl })}\n`, { mode: 0o600 });
}

/**
 * `DATABASE_URL` and `DATABASE_OWNER_URL`, or else the database of `rlaas dev` in this folder.
 * @throws CommandError when there is neither
 */
async function findConnection(context: CommandContext): Promise<Connection> {
  const { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl } = context.environment;
  if (appUrl || ownerUrl) return { appUrl: appUrl ?? '', ownerUrl: ownerUrl || undefined };
  try {
    return JSON.parse(await readFile(join(context.root, '.rlaas', FILE), 'utf8')) as Connection;
  } catch (cause) {
    throw new CommandError(
      EXIT.configuration,
      'No database is known. Set DATABASE_URL (and DATABASE_OWNER_URL), or start one with "rlaas dev".',
      { cause },
    );
  }
}

/** The owner's connection. @throws CommandError when it is not known */
export async function requireOwner(context: CommandContext): Promise<{ ownerUrl: string; appUrl: string }> {
  const { ownerUrl, appUrl } = await findConnection(context);
  if (!ownerUrl) {
    throw new CommandError(
      EXIT.configuration,
      'DATABASE_OWNER_URL is not set: this needs a login that is a member of rlaas_owner.',
    );
  }
  return { ownerUrl, appUrl };
}

/** The services' connection. @throws CommandError when it is not known */
export async function requireApp(context: CommandContext): Promise<string> {
  const { appUrl } = await findConnection(context);
  if (!appUrl) throw new CommandError(EXIT.configuration, 'DATABASE_URL is not set.');
  return appUrl;
}
