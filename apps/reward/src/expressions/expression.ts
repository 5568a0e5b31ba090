import type { FieldType } from '@rlaas/schemas';

/** A field of `e`: an input or a grader. */
export interface Field {
  type: FieldType;
  /** It has a value always, since it has a default. */
  always: boolean;
  /** Least and largest value, where they are known. */
  range?: readonly [number, number];
}
export type Fields = Readonly<Record<string, Field>>;

/** Values of fields; those that are absent have none. */
export type FieldValues = Readonly<Record<string, number | boolean | string>>;

/** A mistake in an expression or something that may not be meant, with its place. */
export interface Finding {
  /** Stable code. */
  code: string;
  message: string;
  /** Offsets in the text, from 0; the end is behind the last character. */
  start: number;
  end: number;
  /** From 1. */
  line: number;
  column: number;
}

/** An expression has a value, or fails for a reason that is told: it never throws. */
export type EvaluationResult<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      /** Stable code: `no_value`, `not_finite`, `division_by_zero`, or `expression_failed`. */
      kind: string;
      message: string;
      line: number;
      column: number;
    };

/** A part of a sum. */
export interface Term {
  /** As it is written, on one line, with its sign. */
  text: string;
  /** Its share of the sum: negative where it is taken away. */
  evaluate: (values: FieldValues) => EvaluationResult<number>;
}

/** A checked expression. Pure: the same values give the same bits. */
export interface Expression<T> {
  source: string;
  evaluate: (values: FieldValues) => EvaluationResult<T>;
  /** Fields that it names. */
  uses: readonly string[];
  /** The parts of the sum that it is, from left to right; one where it is none. */
  terms: readonly Term[];
}

/** What became of the text of an expression. */
export type CompiledExpression<T> =
  | { ok: true; expression: Expression<T>; warnings: Finding[] }
  | { ok: false; mistakes: Finding[] };
