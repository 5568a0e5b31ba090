import type { Fault } from '../world/world.ts';

/** The disk of Postgres has no room left, and some time later it has. */
export const fillDisk: Fault = async ({ disk, postgres, collector, random, pause }) => {
  if (!disk) throw new Error('this fault needs a small disk');
  const { pid } = postgres;
  try {
    disk.fill();
    // Long enough to need new pages: until then what is there is filled up.
    await pause(random.int(1_500, 4_000));
  } finally {
    disk.free();
  }
  // When there is no room for the log of changes, Postgres gives up as a whole.
  if (!isRunning(pid)) await postgres.restart();
  await collector.ensureReady();
};

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // That there is no such process is what was asked.
    return false;
  }
}
