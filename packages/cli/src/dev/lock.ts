import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, EXIT } from '../exit-codes.ts';

/**
 * Makes sure that one `rlaas dev` at a time works in a state folder. The note of one that was killed is taken over.
 * @returns a function that gives the folder free
 */
export async function lockState(stateFolder: string): Promise<() => Promise<void>> {
  const path = join(stateFolder, 'dev.pid');
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isDevCommand(pid)) {
      throw new CommandError(
        EXIT.alreadyRunning,
        `"rlaas dev" runs in ${stateFolder} already (process ${pid}). Stop it with Ctrl-C in its terminal, or "kill ${pid}".`,
      );
    }
    await rm(path, { force: true });
  }
}

/** A process id may have been given to another program since; only a `rlaas dev` counts. */
function isDevCommand(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) return false;
  try {
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return /cli\/src\/main\.ts.*\bdev\b|rlaas\b.*\bdev\b/.test(command);
  } catch {
    // No such process.
    return false;
  }
}
