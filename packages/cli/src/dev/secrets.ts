import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  /** Of the superuser of the embedded Postgres. */
  ownerPassword: z.string().min(1),
  /** Of the services' login. */
  appPassword: z.string().min(1),
  /** What the services show each other. */
  internalToken: z.string().min(32),
  /** Seals the keys under which subjects are hashed. */
  masterKey: z.string().min(32),
});

/** What a development installation keeps to itself between runs. */
export type Secrets = z.infer<typeof secretsSchema>;

const secret = (): string => randomBytes(24).toString('base64url');
const long = (): string => `${secret()}${secret()}`;

/**
 * Reads the secrets of a state folder, making them on first use, and the master key where an earlier release made none.
 * What is there never changes. Only the user who runs this can read the file. The folder must be locked.
 * @throws Error for a file that holds no secrets
 */
export async function loadSecrets(stateFolder: string): Promise<Secrets> {
  const path = join(stateFolder, 'secrets.json');
  const kept = await readIfThere(path);
  if (kept === undefined) {
    const secrets = {
      ownerPassword: secret(),
      appPassword: secret(),
      internalToken: long(),
      masterKey: long(),
    };
    await replaceFile(path, secrets);
    return secrets;
  }
  const read = secretsSchema.partial({ masterKey: true }).safeParse(kept);
  if (!read.success) throw unreadable(path, read.error);
  const { masterKey, ...others } = read.data;
  if (masterKey !== undefined) return { ...others, masterKey };
  // The folder is from before subjects were hashed.
  const secrets = { ...others, masterKey: long() };
  await replaceFile(path, secrets);
  return secrets;
}

/** Never half a file: without its passwords the database of the folder could not be opened any more. */
async function replaceFile(path: string, secrets: Secrets): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function readIfThere(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): Error {
  return new Error(`${path} does not hold the secrets of an installation.`, { cause });
}
