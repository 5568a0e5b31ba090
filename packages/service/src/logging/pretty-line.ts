import { z } from 'zod';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
};

const entrySchema = z.looseObject({
  level: z.number(),
  time: z.string(),
  service: z.string().optional(),
  msg: z.string().optional(),
  err: z.looseObject({ stack: z.string().optional(), message: z.string().optional() }).optional(),
});

/**
 * A log line for a person: `09:30:00.000 INFO  gateway listening port=8080`. An error's stack follows on lines of
 * its own. What is not one of our log lines is given back as it is.
 */
export function prettyLine(line: string): string {
  const entry = entrySchema.safeParse(parse(line));
  if (!entry.success) return line;
  const { level, time, service = '', msg = '', err, ...rest } = entry.data;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`);
  const head = [time.slice(11, 23), LEVELS[level] ?? String(level), service, msg, ...fields];
  const stack = err ? `\n  ${(err.stack ?? err.message ?? '').replaceAll('\n', '\n  ')}` : '';
  return `${head.filter((part) => part !== '').join(' ')}${stack}\n`;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /[\s="]/.test(value) || value === '' ? JSON.stringify(value) : value;
  return JSON.stringify(value);
}
