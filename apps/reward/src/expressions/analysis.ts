import type { ASTNode } from '@marcbachmann/cel-js';
import type { Finding } from './expression.ts';
import {
  ANY,
  type Interval,
  add,
  divide,
  includes,
  multiply,
  negate,
  point,
  subtract,
  union,
} from './interval.ts';
import { type Knowledge, askedField, assume, assumePresence, fieldOf } from './knowledge.ts';
import { findingAt } from './place.ts';

/** What an expression can be. */
export type Abstract =
  | { kind: 'number'; range: Interval }
  | { kind: 'truth'; can: { true: boolean; false: boolean } }
  | { kind: 'other' };

const OTHER: Abstract = { kind: 'other' };
const TRUTH: Abstract = { kind: 'truth', can: { true: true, false: true } };
const number = (range: Interval): Abstract => ({ kind: 'number', range });

/**
 * Follows an expression with all values that its fields can have, by the conditions on the way (abstract
 * interpretation over intervals), and notes what can go wrong. The expression has passed the type check.
 */
export class Analysis {
  readonly #warnings: (Finding & { field?: string })[] = [];
  readonly mistakes: Finding[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get warnings(): Finding[] {
    return this.#warnings.map(({ code, message, start, end, line, column }) => ({
      code,
      message,
      start,
      end,
      line,
      column,
    }));
  }

  of(node: ASTNode, known: Knowledge): Abstract {
    const field = fieldOf(node);
    if (field !== undefined) return this.#field(node, field, known);
    if (askedField(node) !== undefined) return truthOf(node, known);
    if (node.op === 'value') return literal(node.args);
    if (node.op === '!_') {
      const inner = this.of(node.args, known);
      return inner.kind === 'truth'
        ? { kind: 'truth', can: { true: inner.can.false, false: inner.can.true } }
        : TRUTH;
    }
    if (node.op === '-_') return number(negate(rangeOf(this.of(node.args, known))));
    if (node.op === '&&' || node.op === '||') return this.#junction(node, known);
    if (node.op === '?:') return this.#choice(node.args, known);
    if (node.op === 'list') {
      for (const item of node.args) this.of(item, known);
      return OTHER;
    }
    if (node.op === 'call') return this.#call(node.args[0], node.args[1], known);
    if (node.op === 'rcall') {
      const [, receiver, given] = node.args;
      this.of(receiver, known);
      // The first argument of what runs over a list is the name of its items.
      for (const argument of given) if (argument.op !== 'id') this.of(argument, known);
      return node.args[0] === 'size' ? number({ least: 0, largest: Number.POSITIVE_INFINITY }) : OTHER;
    }
    if (node.op === 'id' || node.op === '.' || node.op === 'map') return OTHER;
    return this.#binary(node, known);
  }

  #field(node: ASTNode, field: string, known: Knowledge): Abstract {
    if (!known.present.has(field)) {
      const never = known.absent.has(field);
      this.#warn(
        node,
        'may_have_no_value',
        never
          ? `e.${field} never has a value here`
          : `e.${field} may have no value here, and the decision would end as an error; ask has(e.${field}) first, or give the input a default`,
        field,
      );
    }
    return number(known.ranges.get(field) ?? ANY);
  }

  #junction(node: Extract<ASTNode, { op: '&&' | '||' }>, known: Knowledge): Abstract {
    const [left, right] = node.args;
    const goesOn = node.op === '&&';
    const before = this.#warnings.length;
    const one = this.of(left, known);
    // What the right side asks for is there on the left as well: where it is not, the whole is false whatever fails.
    if (goesOn) this.#forgive(before, assumePresence(right, known).present);
    const after = assume(left, goesOn, known);
    const other = after ? this.of(right, after) : TRUTH;
    if (!after) this.#certain(left, !goesOn);
    const [a, b] = [canOf(one), canOf(other)];
    return goesOn
      ? { kind: 'truth', can: { true: a.true && b.true, false: a.false || b.false } }
      : { kind: 'truth', can: { true: a.true || b.true, false: a.false && b.false } };
  }

  /** Takes back warnings of fields that may have no value. @param from the first that may be taken back */
  #forgive(from: number, present: ReadonlySet<string>): void {
    const kept = this.#warnings
      .splice(from)
      .filter(({ field }) => field === undefined || !present.has(field));
    this.#warnings.push(...kept);
  }

  #choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], known: Knowledge): Abstract {
    const asked = this.of(condition, known);
    const can = canOf(asked);
    const [whenTrue, whenFalse] = [assume(condition, true, known), assume(condition, false, known)];
    if (!can.true || !whenTrue) this.#certain(condition, false);
    else if (!can.false || !whenFalse) this.#certain(condition, true);
    const one = whenTrue && can.true ? this.of(yes, whenTrue) : undefined;
    const other = whenFalse && can.false ? this.of(no, whenFalse) : undefined;
    if (!one || !other) return one ?? other ?? OTHER;
    if (one.kind === 'number' && other.kind === 'number') return number(union(one.range, other.range));
    if (one.kind === 'truth' && other.kind === 'truth') {
      return {
        kind: 'truth',
        can: { true: one.can.true || other.can.true, false: one.can.false || other.can.false },
      };
    }
    return OTHER;
  }

  #call(name: string, given: readonly ASTNode[], known: Knowledge): Abstract {
    const ranges = given.map((argument) => rangeOf(this.of(argument, known)));
    const [a, b] = ranges;
    if (!a) return OTHER;
    if (name === 'double' || name === 'int') {
      return number(name === 'double' ? a : { least: Math.trunc(a.least), largest: Math.trunc(a.largest) });
    }
    if (name === 'abs') {
      const ends = [Math.abs(a.least), Math.abs(a.largest)];
      return number({ least: includes(a, 0) ? 0 : Math.min(...ends), largest: Math.max(...ends) });
    }
    if (b && name === 'min')
      return number({ least: Math.min(a.least, b.least), largest: Math.min(a.largest, b.largest) });
    if (b && name === 'max')
      return number({ least: Math.max(a.least, b.least), largest: Math.max(a.largest, b.largest) });
    return name === 'size' ? number({ least: 0, largest: Number.POSITIVE_INFINITY }) : OTHER;
  }

  #binary(node: ASTNode, known: Knowledge): Abstract {
    const [left, right] = node.args as readonly [ASTNode, ASTNode];
    const [one, other] = [this.of(left, known), this.of(right, known)];
    const [a, b] = [rangeOf(one), rangeOf(other)];
    if (node.op === '+') return one.kind === 'number' && other.kind === 'number' ? number(add(a, b)) : OTHER;
    if (node.op === '-') return number(subtract(a, b));
    if (node.op === '*') return number(multiply(a, b));
    if (node.op === '/' || node.op === '%') return this.#division(node, right, { a, b, known });
    return one.kind === 'number' && other.kind === 'number' ? comparison(node.op, a, b) : TRUTH;
  }

  #division(
    node: ASTNode,
    divisor: ASTNode,
    { a, b, known }: { a: Interval; b: Interval; known: Knowledge },
  ): Abstract {
    const field = fieldOf(divisor);
    const guarded = field !== undefined && known.nonZero.has(field);
    if (b.least === 0 && b.largest === 0) {
      this.mistakes.push(
        findingAt(
          this.#source,
          divisor,
          'division_by_zero',
          'this is always 0, and nothing can be divided by it',
        ),
      );
      return number(ANY);
    }
    if (includes(b, 0) && !guarded) {
      this.#warn(
        divisor,
        'division_by_possible_zero',
        `this can be 0${Number.isFinite(b.least) && Number.isFinite(b.largest) ? ` (it is in [${b.least}, ${b.largest}])` : ''}, and the decision would end as an error; ask for it first, or give the input a range without 0`,
      );
    }
    if (node.op === '%')
      return number({
        least: Math.min(0, -Math.abs(b.least), -Math.abs(b.largest)),
        largest: Math.max(Math.abs(b.least), Math.abs(b.largest)),
      });
    return number(includes(b, 0) ? ANY : divide(a, b));
  }

  #certain(node: ASTNode, truth: boolean): void {
    this.#warn(node, truth ? 'always_true' : 'always_false', `this is always ${truth}`);
  }

  #warn(node: ASTNode, code: string, message: string, field?: string): void {
    const known = this.#warnings.some(
      (warning) => warning.code === code && warning.start === node.start && warning.end === node.end,
    );
    if (known) return;
    const finding = findingAt(this.#source, node, code, message);
    this.#warnings.push(field === undefined ? finding : { ...finding, field });
  }
}

function literal(value: unknown): Abstract {
  if (typeof value === 'number' || typeof value === 'bigint') return number(point(Number(value)));
  if (typeof value === 'boolean') return { kind: 'truth', can: { true: value, false: !value } };
  return OTHER;
}

function truthOf(node: ASTNode, known: Knowledge): Abstract {
  const [yes, no] = [assume(node, true, known), assume(node, false, known)];
  return { kind: 'truth', can: { true: yes !== undefined, false: no !== undefined } };
}

function rangeOf(value: Abstract): Interval {
  return value.kind === 'number' ? value.range : ANY;
}

function canOf(value: Abstract): { true: boolean; false: boolean } {
  return value.kind === 'truth' ? value.can : { true: true, false: true };
}

function comparison(operator: string, a: Interval, b: Interval): Abstract {
  const less = (strict: boolean, x: Interval, y: Interval): Abstract => ({
    kind: 'truth',
    can: {
      true: strict ? x.least < y.largest : x.least <= y.largest,
      false: strict ? x.largest >= y.least : x.largest > y.least,
    },
  });
  if (operator === '<') return less(true, a, b);
  if (operator === '<=') return less(false, a, b);
  if (operator === '>') return less(true, b, a);
  if (operator === '>=') return less(false, b, a);
  const meet = a.least <= b.largest && b.least <= a.largest;
  const same = a.least === a.largest && b.least === b.largest && a.least === b.least;
  if (operator === '==') return { kind: 'truth', can: { true: meet, false: !same } };
  if (operator === '!=') return { kind: 'truth', can: { true: !same, false: meet } };
  return TRUTH;
}
