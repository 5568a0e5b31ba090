import { spawnSync } from 'node:child_process';

type Command = [command: string, ...args: string[]];

/**
 * A command that runs on one processor only, where the machine can do that (`taskset` of Linux).
 * @param core counted from 0; without it the command stays as it is
 */
export function pinned(command: Command, core: number | undefined): Command {
  return core === undefined || !canPin() ? command : ['taskset', '-c', String(core), ...command];
}

/** Whether processes can be kept to a processor here. */
export function canPin(): boolean {
  return spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;
}
