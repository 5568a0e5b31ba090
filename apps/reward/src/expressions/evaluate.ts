import { type Environment, EvaluationError } from '@marcbachmann/cel-js';
import type { EvaluationResult, FieldValues } from './expression.ts';
import { placeOf } from './place.ts';

type Failed = Extract<EvaluationResult<unknown>, { ok: false }>;

/** An expression that has passed its checks, ready to be evaluated. */
export function evaluatorOf<T extends number | boolean>(
  environment: Environment,
  source: string,
): (values: FieldValues) => EvaluationResult<T> {
  const run = environment.parse(source);
  const whole = { line: 1, column: 1 };
  // One object for all evaluations: the library reads it and keeps nothing of it.
  const context: { e: FieldValues } = { e: {} };
  return (values) => {
    context.e = values;
    try {
      const value: unknown = run(context);
      if (typeof value === 'number' && !Number.isFinite(value)) {
        return {
          ok: false,
          kind: 'not_finite',
          message: `the result is ${value}: no finite number`,
          ...whole,
        };
      }
      if (typeof value === 'number' || typeof value === 'boolean') return { ok: true, value: value as T };
      return { ok: false, kind: 'expression_failed', message: `the result is a ${typeof value}`, ...whole };
    } catch (error) {
      // Anything else is a bug, and is not for the decision to answer for.
      if (!(error instanceof EvaluationError)) throw error;
      return failure(source, error);
    }
  };
}

const KINDS: Readonly<Record<string, string>> = {
  no_such_key: 'no_value',
  division_by_zero: 'division_by_zero',
  modulo_by_zero: 'division_by_zero',
};

function failure(source: string, error: EvaluationError): Failed {
  const kind = KINDS[error.code] ?? 'expression_failed';
  const field = /No such key: (\w+)/.exec(error.summary)?.[1];
  const message = kind === 'no_value' && field !== undefined ? `e.${field} has no value` : error.summary;
  return { ok: false, kind, message, ...placeOf(source, error.range?.start ?? 0) };
}
