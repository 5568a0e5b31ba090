import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs for tests are kept between runs: `XDG_CACHE_HOME`, else `~/.cache`. Made when missing. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const folder = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rlaas-tests');
  mkdirSync(folder, { recursive: true });
  return folder;
}
