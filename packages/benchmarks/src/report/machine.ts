import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';

/** On what a bench ran: without it no figure means anything. */
export interface Machine {
  cores: number;
  processor: string;
  memory_bytes: number;
  platform: string;
  node: string;
  postgres?: string;
}

/** @param postgres version of the server, when the bench used one */
export function thisMachine(postgres?: string): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown processor',
    memory_bytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    node: process.versions.node,
    ...(postgres === undefined ? {} : { postgres }),
  };
}

export function machineLine(machine: Machine): string {
  const memory = `${(machine.memory_bytes / 1_073_741_824).toFixed(1)} GiB`;
  const postgres = machine.postgres === undefined ? '' : `, Postgres ${machine.postgres}`;
  return `machine: ${machine.cores} cores (${machine.processor.trim()}), ${memory}, ${machine.platform}, Node ${machine.node}${postgres}`;
}
