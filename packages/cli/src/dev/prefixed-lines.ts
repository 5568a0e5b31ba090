import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const COLOURS = [36, 33, 35, 32, 34, 31];

/** Prints each line of a stream behind the name of where it comes from, coloured on a terminal. */
export function prefixLines(
  stream: Readable,
  name: string,
  options: { width: number; colour: number | undefined; print: (line: string) => void },
): void {
  const label = name.padEnd(options.width);
  const shade = COLOURS[(options.colour ?? 0) % COLOURS.length];
  const prefix = options.colour === undefined ? `${label} | ` : `\u001B[${shade}m${label} |\u001B[0m `;
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
    options.print(prefix + line),
  );
}
