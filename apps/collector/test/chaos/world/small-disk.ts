import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from './chaos-postgres.ts';

const DISK_BYTES = 384 * 1024 * 1024;
const BLOCK = Buffer.alloc(1024 * 1024, 1);

/** A disk of 384 MiB that holds the data of a server and can be filled up. */
export interface SmallDisk {
  /** Takes all room that is left. */
  fill(): void;
  free(): void;
  /** Puts the data folder back to where it was; the server must be halted. */
  remove(): void;
}

/**
 * Moves the data of a server to a small file system in memory. The server is halted and started again.
 * @returns why it cannot be done, in words, where only root of a Linux may mount
 */
export async function moveToSmallDisk(server: PostgresServer): Promise<SmallDisk | string> {
  const { dataFolder } = server;
  const aside = `${dataFolder}-aside`;
  await server.halt();
  const { uid, gid } = statSync(dataFolder);
  renameSync(dataFolder, aside);
  mkdirSync(dataFolder);
  const options = `size=${DISK_BYTES},mode=0700,uid=${uid},gid=${gid}`;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dataFolder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(dataFolder, { recursive: true });
    renameSync(aside, dataFolder);
    await server.restart();
    const reason = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    return `a small file system can be mounted by root of a Linux only (${reason})`;
  }
  const remove = (): void => {
    execFileSync('umount', [dataFolder], { stdio: 'pipe' });
    rmSync(dataFolder, { recursive: true, force: true });
    renameSync(aside, dataFolder);
  };
  try {
    execFileSync('cp', ['-a', `${aside}/.`, dataFolder], { stdio: 'pipe' });
    await server.restart();
  } catch (error) {
    remove();
    throw error;
  }
  // Beside the files of Postgres, which ignores what it does not know.
  const ballast = join(dataFolder, 'ballast');
  return {
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { force: true }),
    remove,
  };
}

function fill(ballast: string): void {
  for (const block of [BLOCK, BLOCK.subarray(0, 4096)]) {
    for (;;) {
      try {
        writeFileSync(ballast, block, { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        break;
      }
    }
  }
}
