import { Environment } from '@marcbachmann/cel-js';
import type { Fields } from './expression.ts';

const CEL_TYPES = { number: 'double', boolean: 'bool', string: 'string' } as const;

/** Deep enough for people, and far from the end of the stack. */
const LIMITS = {
  maxAstNodes: 2_000,
  maxDepth: 60,
  maxListElements: 200,
  maxMapEntries: 1,
  maxCallArguments: 8,
};

/** What expressions may call beside operators, by how they are called. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  'has',
  'min',
  'max',
  'abs',
  'size',
  'double',
  'int',
  'string',
]);
export const METHODS: ReadonlySet<string> = new Set([
  'contains',
  'startsWith',
  'endsWith',
  'size',
  'lowerAscii',
  'upperAscii',
  'trim',
]);
/** Methods that run an expression for each item of a list. */
export const COMPREHENSIONS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

function withFunctions(environment: Environment): Environment {
  return environment
    .registerFunction('min(double, double): double', (a: number, b: number) => Math.min(a, b))
    .registerFunction('max(double, double): double', (a: number, b: number) => Math.max(a, b))
    .registerFunction('abs(double): double', (a: number) => Math.abs(a));
}

/** In which types are checked: `e` has the fields that there are. */
export function checkingEnvironment(fields: Fields): Environment {
  const schema = Object.fromEntries(
    Object.entries(fields).map(([name, { type }]) => [name, CEL_TYPES[type]]),
  );
  return withFunctions(new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })).registerVariable({
    name: 'e',
    schema,
  });
}

/**
 * In which checked expressions are evaluated: fields are read from the object as it is, without a copy for each
 * evaluation.
 */
export function evaluatingEnvironment(): Environment {
  return withFunctions(new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })).registerVariable(
    'e',
    'map<string, dyn>',
  );
}
