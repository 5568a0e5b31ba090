import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface CommandLine {
  /** Name of a scenario, or `all`; without it they are listed. */
  scenario?: string;
  seed?: number;
  /** Faults of each scenario that has any. */
  kills?: number;
  /** How long there is load at least. */
  seconds?: number;
  clients?: number;
}

const NUMBERS = ['seed', 'kills', 'seconds', 'clients'] as const;
const LARGEST = { seed: 2 ** 31, kills: 10_000, seconds: 3_600, clients: 64 };

/** @returns what is asked for, or what is wrong with it in words */
export function readCommandLine(args: readonly string[]): CommandLine | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        kills: { type: 'string' },
        seconds: { type: 'string' },
        clients: { type: 'string' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const [scenario, ...more] = parsed.positionals;
  if (more.length > 0) return `one scenario or all, not also ${more.join(' ')}`;
  const line: CommandLine = scenario === undefined ? {} : { scenario };
  for (const name of NUMBERS) {
    const given = parsed.values[name];
    if (given === undefined) continue;
    const number = /^[1-9]\d{0,9}$/.test(given) ? Number(given) : Number.NaN;
    if (!(number <= LARGEST[name])) return `--${name} is a number from 1 to ${LARGEST[name]}, not "${given}"`;
    line[name] = number;
  }
  return line;
}
