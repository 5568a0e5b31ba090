import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stops a Postgres that still runs on `dataFolder` although whoever started it is gone.
 * @returns its process id, or `undefined` when none was there
 */
export async function stopLeftover(dataFolder: string): Promise<number | undefined> {
  const pid = runningPostmaster(dataFolder);
  if (pid === undefined) return undefined;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (runningPostmaster(dataFolder) === undefined) return pid;
    await sleep(100);
  }
  process.kill(pid, 'SIGQUIT');
  await sleep(1_000);
  return pid;
}

/** The id in `postmaster.pid`, but only if that process really is a Postgres on this folder. */
function runningPostmaster(dataFolder: string): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return commandOf(pid)?.includes(dataFolder) ? pid : undefined;
}

function commandOf(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // ps exits with 1 when there is no such process: that is the answer, not a fault.
    return undefined;
  }
}
