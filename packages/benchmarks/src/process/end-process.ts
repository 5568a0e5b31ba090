import type { ChildProcess } from 'node:child_process';

/**
 * Ends a process that this one started: by SIGTERM, and by force when it does not end in time. Does nothing when it
 * has ended already.
 * @param patienceMs how long it may take to finish what it does
 */
export async function endProcess(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const force = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(force);
}
