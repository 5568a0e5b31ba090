import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface CommandLine {
  /** Of the bench; without it, the benches are listed. */
  bench?: string;
  quick: boolean;
  /** Whether the result is kept as a file. */
  save: boolean;
  connections?: number;
  singleConnections?: number;
}

/** @returns what is asked for, or what is wrong with it in words */
export function readCommandLine(args: readonly string[]): CommandLine | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        connections: { type: 'string' },
        'single-connections': { type: 'string' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const [bench, ...more] = positionals;
  if (more.length > 0) return `one bench at a time, not also ${more.join(' ')}`;
  const line: CommandLine = { quick: values.quick, save: values.save };
  if (bench !== undefined) line.bench = bench;
  for (const [name, value] of [
    ['connections', values.connections],
    ['singleConnections', values['single-connections']],
  ] as const) {
    if (value === undefined) continue;
    if (!/^[1-9]\d{0,3}$/.test(value)) return `there can be 1 to 9999 connections, not "${value}"`;
    line[name] = Number(value);
  }
  return line;
}
