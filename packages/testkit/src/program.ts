import { spawnSync } from 'node:child_process';

/** Where Debian puts servers; not in everybody's PATH. */
const MORE_FOLDERS = '/usr/sbin:/usr/local/sbin';

/**
 * Finds a program that a test needs and the project does not bring.
 * @returns its path, or `undefined` after printing why tests are skipped
 */
export function findProgram(name: string, needed: string): string | undefined {
  const found = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${MORE_FOLDERS}` },
  });
  const path = found.stdout.trim();
  if (found.status === 0 && path) return path;
  console.warn(`skipped: ${needed}: the program "${name}" is not installed`);
  return undefined;
}
