import {
  type ASTNode,
  type Environment,
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
} from '@marcbachmann/cel-js';
import { type Abstract, Analysis } from './analysis.ts';
import { checkingEnvironment, evaluatingEnvironment } from './environment.ts';
import { evaluatorOf } from './evaluate.ts';
import type { CompiledExpression, Expression, Fields, Finding } from './expression.ts';
import { initialKnowledge } from './knowledge.ts';
import { findingAt } from './place.ts';
import { Restrictions } from './restrictions.ts';
import { termsOf } from './terms.ts';

const MOST_CHARACTERS = 4_000;
const evaluating: Environment = evaluatingEnvironment();

/**
 * Compiles an expression of a number.
 * @param options.range where values that leave it are to be warned of
 */
export function compileNumber(
  source: string,
  fields: Fields,
  options: { range?: readonly [number, number] } = {},
): CompiledExpression<number> {
  return compile(source, fields, 'double', (node, abstract) => {
    const { range } = options;
    if (!range || abstract.kind !== 'number') return [];
    const { least, largest } = abstract.range;
    const found: Finding[] = [];
    if (Number.isFinite(largest) && largest > range[1]) {
      found.push(
        findingAt(
          source,
          node,
          'may_be_clipped',
          `can be as large as ${shown(largest)}; what is above ${range[1]} is clipped`,
        ),
      );
    }
    if (Number.isFinite(least) && least < range[0]) {
      found.push(
        findingAt(
          source,
          node,
          'may_be_clipped',
          `can be as small as ${shown(least)}; what is below ${range[0]} is clipped`,
        ),
      );
    }
    return found;
  });
}

/** Compiles a condition. */
export function compileCondition(source: string, fields: Fields): CompiledExpression<boolean> {
  return compile(source, fields, 'bool', (node, abstract) => {
    if (abstract.kind !== 'truth' || (abstract.can.true && abstract.can.false)) return [];
    const truth = abstract.can.true;
    return [findingAt(source, node, truth ? 'always_true' : 'always_false', `this is always ${truth}`)];
  });
}

function compile<T extends number | boolean>(
  source: string,
  fields: Fields,
  expected: 'double' | 'bool',
  judge: (node: ASTNode, abstract: Abstract) => Finding[],
): CompiledExpression<T> {
  if (source.length > MOST_CHARACTERS) {
    const whole = { start: MOST_CHARACTERS, end: source.length };
    return refused(findingAt(source, whole, 'too_costly', `has more than ${MOST_CHARACTERS} characters`));
  }
  const parsed = parse(source, fields);
  if ('code' in parsed) return refused(parsed);
  const restrictions = new Restrictions(source, fields);
  restrictions.check(parsed.ast);
  if (restrictions.mistakes.length > 0) return { ok: false, mistakes: restrictions.mistakes };
  const typed = parsed.check();
  if (!typed.valid) return refused(typeMistake(source, typed.error));
  if (typed.type !== expected) return refused(wrongResult(source, parsed.ast, String(typed.type), expected));
  const analysis = new Analysis(source);
  const abstract = analysis.of(parsed.ast, initialKnowledge(fields));
  if (analysis.mistakes.length > 0) return { ok: false, mistakes: analysis.mistakes };
  const expression: Expression<T> = {
    source,
    evaluate: evaluatorOf<T>(evaluating, source),
    uses: [...restrictions.uses],
    terms: expected === 'double' ? termsOf(evaluating, parsed.ast) : [],
  };
  return { ok: true, expression, warnings: [...analysis.warnings, ...judge(parsed.ast, abstract)] };
}

function refused<T>(mistake: Finding): CompiledExpression<T> {
  return { ok: false, mistakes: [mistake] };
}

function parse(source: string, fields: Fields): ReturnType<Environment['parse']> | Finding {
  try {
    return checkingEnvironment(fields).parse(source);
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError))
      throw error;
    const range = error.range ?? { start: source.length, end: source.length };
    if (error.code.startsWith('invalid_macro') || error.summary.includes('has()')) {
      return findingAt(source, range, 'wrong_has', 'has() asks for one field: write has(e.name)');
    }
    const limit = /[Ee]xceeded|limit/.test(error.summary);
    return findingAt(
      source,
      range,
      limit ? 'too_costly' : 'syntax',
      limit ? `is too large: ${error.summary}` : syntaxMessage(error.summary),
    );
  }
}

function syntaxMessage(summary: string): string {
  return summary === 'Unexpected token: EOF' ? 'the expression ends too early' : `cannot be read: ${summary}`;
}

function typeMistake(source: string, error: CelTypeError | ParseError | undefined): Finding {
  const summary = error?.summary ?? 'the types do not fit';
  const whole = error?.range ?? { start: 0, end: source.length };
  // At the right side of an operator, since the sum that it is in may begin lines before.
  const given: unknown = error?.node && 'args' in error.node ? error.node.args : undefined;
  const right: unknown = Array.isArray(given) ? given[1] : undefined;
  const start =
    right instanceof Object && 'start' in right && typeof right.start === 'number'
      ? right.start
      : whole.start;
  const range = { start, end: whole.end };
  const mixed = /\bint\b/.test(summary) && /\bdouble\b/.test(summary);
  const advice = mixed ? '; write whole numbers as 1.0' : '';
  return findingAt(source, range, 'type_error', `${worded(summary)}${advice}`);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  double: 'a number',
  int: 'a whole number',
  bool: 'true or false',
  string: 'a text',
};

function worded(summary: string): string {
  const overload = /^no such overload: (\w+) (\S+) (\w+)$/.exec(summary);
  if (!overload) return summary;
  const [, left = '', operator = '', right = ''] = overload;
  return `"${operator}" does not go with ${TYPE_NAMES[left] ?? left} and ${TYPE_NAMES[right] ?? right} (${left} ${operator} ${right})`;
}

function wrongResult(source: string, node: ASTNode, type: string, expected: 'double' | 'bool'): Finding {
  const advice = expected === 'double' && type === 'int' ? '; write whole numbers as 1.0' : '';
  const found = TYPE_NAMES[type] ?? type;
  return findingAt(
    source,
    node,
    'type_error',
    `must be ${TYPE_NAMES[expected]} (${expected}), and is ${found}${advice}`,
  );
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
