import { execFileSync } from 'node:child_process';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, EXIT } from '../exit-codes.ts';

/**
 * Makes sure that one `rlaas dev` at a time works in a state folder. The note of one that was killed is taken over.
 * @returns a function that gives the folder free
 */
export async function lockState(stateFolder: string): Promise<() => Promise<void>> {
  const path = join(stateFolder, 'dev.pid');
  const mine = `${path}.${process.pid}`;
  // Written beside and linked: nobody ever sees a note without its number.
  await writeFile(mine, String(process.pid));
  try {
    for (;;) {
      if (await linked(mine, path)) return () => giveFree(path);
      const pid = await holderOf(path);
      if (isDevCommand(pid)) {
        throw new CommandError(
          EXIT.alreadyRunning,
          `"rlaas dev" runs in ${stateFolder} already (process ${pid}). Stop it with Ctrl-C in its terminal, or "kill ${pid}".`,
        );
      }
      await removeStale(path, pid, mine);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Removes the note of a process that is gone. One starter at a time may, and it looks again first: so nobody removes
 * the note that another one has put there since.
 */
async function removeStale(path: string, stale: number, mine: string): Promise<void> {
  const turn = `${path}.turn`;
  if (!(await linked(mine, turn))) {
    const holder = await holderOf(turn);
    if (holder > 0 && !isAlive(holder)) await rm(turn, { force: true });
    await sleep(10);
    return;
  }
  try {
    // Object.is, since a note that is no number is NaN.
    if (Object.is(await holderOf(path), stale)) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function giveFree(path: string): Promise<void> {
  if ((await holderOf(path)) === process.pid) await rm(path, { force: true });
}

async function holderOf(path: string): Promise<number> {
  // A note that is gone meanwhile belongs to nobody.
  return Number(await readFile(path, 'utf8').catch(() => ''));
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
