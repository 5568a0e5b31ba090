import type { z } from 'zod';

const TYPES: Record<string, string> = {
  string: 'must be a string',
  number: 'must be a finite number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
  null: 'must be null',
};

/**
 * What is wrong with a value, as the end of a sentence that begins with the name of the field ("must be greater than
 * 0"). `undefined` where only the schema itself can say it, such as for a pattern.
 */
export function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : TYPES[issue.expected];
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : mustBe(issue.values);
    case 'invalid_union':
      return Array.isArray(issue.options) ? mustBe(issue.options) : undefined;
    case 'too_small':
      return tooSmall(issue.origin, issue.minimum, issue.inclusive === true);
    case 'too_big':
      return tooBig(issue.origin, issue.maximum, issue.inclusive === true);
    case 'invalid_key':
      return issue.input === '' ? 'must have a name that is not empty' : undefined;
    case 'unrecognized_keys':
      return `has unknown members: ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a time in UTC with milliseconds, such as 2026-03-01T09:30:00.000Z'
        : undefined;
    default:
      return undefined;
  }
}

/** To be given to the schemas of a form, so that its mistakes are told in these words. */
export const worded = { error: wording };

function mustBe(values: readonly unknown[]): string {
  return values.length === 1 ? `must be ${String(values[0])}` : `must be one of ${values.join(', ')}`;
}

function tooSmall(origin: string, minimum: number | bigint, inclusive: boolean): string {
  if (origin === 'string') {
    return minimum === 1 ? 'must not be empty' : `must have at least ${count(minimum, 'character')}`;
  }
  if (origin === 'array') return `must have at least ${count(minimum, 'item')}`;
  return inclusive ? `must be at least ${minimum}` : `must be greater than ${minimum}`;
}

function tooBig(origin: string, maximum: number | bigint, inclusive: boolean): string {
  if (origin === 'string') return `must have at most ${count(maximum, 'character')}`;
  if (origin === 'array') return `must have at most ${count(maximum, 'item')}`;
  return inclusive ? `must be at most ${maximum}` : `must be less than ${maximum}`;
}

function count(number: number | bigint, noun: string): string {
  return `${number} ${noun}${Number(number) === 1 ? '' : 's'}`;
}
