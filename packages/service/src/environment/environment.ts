import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { EnvironmentError, type EnvironmentMistake } from './environment-error.ts';
import { knownRlaasVariables } from './known-variables.ts';
import { nearestName } from './nearest-name.ts';
import { shownValue } from './shown-value.ts';

/** Where variables come from; `process.env` is one. */
export type EnvironmentSource = Readonly<Record<string, string | undefined>>;

/** What is read, in this order of precedence; what neither has gets the schema's default. */
export interface EnvironmentOrigins {
  source: EnvironmentSource;
  /** Path of a file such as `config/.env`. A file that is not there is the same as an empty one. */
  file?: string | undefined;
}

/**
 * Reads the variables that `schema` names and returns them parsed and frozen.
 *
 * An empty text counts as absent. A `RLAAS_*` variable that nobody knows is a mistake. Other variables are left
 * alone, since the environment belongs to more than one program.
 *
 * @throws EnvironmentError with all mistakes at once.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  { source, file }: EnvironmentOrigins,
): Readonly<z.output<Schema>> {
  const given = new Map([...present(readFile(file)), ...present(source)]);
  const names = Object.keys(schema.shape);
  const mistakes = unknownVariables(given, names);

  const values: Record<string, string> = {};
  for (const name of names) {
    const value = given.get(name);
    if (value !== undefined) values[name] = value;
  }
  const result = schema.safeParse(values);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const name = issue.path.length > 0 ? String(issue.path[0]) : '(together)';
      mistakes.push({ name, ...describe(name, given.get(name), issue.message) });
    }
  }
  if (!result.success || mistakes.length > 0) throw new EnvironmentError(mistakes);

  for (const value of Object.values(result.data)) {
    if (Array.isArray(value)) Object.freeze(value);
  }
  return Object.freeze(result.data);
}

function describe(
  name: string,
  value: string | undefined,
  message: string,
): Omit<EnvironmentMistake, 'name'> {
  if (value !== undefined) return { given: shownValue(name, value), allowed: message };
  return { given: 'not set', allowed: message.startsWith('Invalid input') ? 'is required' : message };
}

function present(variables: EnvironmentSource): [string, string][] {
  return Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
}

function readFile(file: string | undefined): EnvironmentSource {
  if (file === undefined) return {};
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    const message = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError([{ name: file, given: 'cannot be read', allowed: message }]);
  }
}

function unknownVariables(given: Map<string, string>, names: readonly string[]): EnvironmentMistake[] {
  const known = [...new Set([...knownRlaasVariables, ...names.filter((name) => name.startsWith('RLAAS_'))])];
  return [...given]
    .filter(([name]) => name.startsWith('RLAAS_') && !known.includes(name))
    .map(([name, value]) => ({
      name,
      given: shownValue(name, value),
      allowed: `is not a variable of RLaaS; did you mean ${nearestName(name, known) ?? ''}?`,
    }));
}
