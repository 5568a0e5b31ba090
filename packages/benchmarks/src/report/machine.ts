import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

/** On what a bench ran: without it no figure means anything. */
export interface Machine {
  cores: number;
  processor: string;
  memory_bytes: number;
  platform: string;
  node: string;
  postgres?: string;
  /** Processes that wanted to run in the minute before the bench: work of others, which slows both sides. */
  load_before: number;
}

/** To be called before the bench begins. */
export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown processor',
    memory_bytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    node: process.versions.node,
    load_before: loadavg()[0] ?? 0,
  };
}

export function machineLine(machine: Machine): string {
  const memory = `${(machine.memory_bytes / 1_073_741_824).toFixed(1)} GiB`;
  const postgres = machine.postgres === undefined ? '' : `, Postgres ${machine.postgres}`;
  return `machine: ${machine.cores} cores (${machine.processor.trim()}), ${memory}, ${machine.platform}, Node ${machine.node}${postgres}; load before the run ${machine.load_before.toFixed(2)}`;
}
