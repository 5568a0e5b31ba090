import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Makes the environment file from its example on first use, with a random value for every variable that the example
 * leaves empty. A file that is there is never touched.
 * @returns whether it was made
 */
export function ensureEnvironmentFile(path: string, example: string): boolean {
  if (existsSync(path)) return false;
  const text = readFileSync(example, 'utf8').replaceAll(
    /^([A-Z_]+)=$/gm,
    // Hexadecimal: it stands in URLs as well, where other characters would have to be escaped.
    (_, name: string) => `${name}=${randomBytes(24).toString('hex')}`,
  );
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  return true;
}
