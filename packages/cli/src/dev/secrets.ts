import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a development installation keeps to itself between runs. */
export interface Secrets {
  /** Of the superuser of the embedded Postgres. */
  ownerPassword: string;
  /** Of the services' login. */
  appPassword: string;
  /** What the services show each other. */
  internalToken: string;
}

const secret = (): string => randomBytes(24).toString('base64url');

/** Reads the secrets of a state folder, making them on first use. Only the user who runs this can read the file. */
export async function loadSecrets(stateFolder: string): Promise<Secrets> {
  const path = join(stateFolder, 'secrets.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets = { ownerPassword: secret(), appPassword: secret(), internalToken: `${secret()}${secret()}` };
  await writeFile(path, `${JSON.stringify(secrets)}\n`, { mode: 0o600, flag: 'wx' });
  return secrets;
}
