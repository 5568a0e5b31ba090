import type { ASTNode } from '@marcbachmann/cel-js';
import type { Fields } from './expression.ts';
import { ANY, type Interval, intersection, union } from './interval.ts';

/** What is known of the fields at a place in an expression, by the conditions that lead there. */
export interface Knowledge {
  present: ReadonlySet<string>;
  absent: ReadonlySet<string>;
  ranges: ReadonlyMap<string, Interval>;
  nonZero: ReadonlySet<string>;
}

export function initialKnowledge(fields: Fields): Knowledge {
  const entries = Object.entries(fields);
  return {
    present: new Set(entries.filter(([, { always }]) => always).map(([name]) => name)),
    absent: new Set(),
    ranges: new Map(
      entries.flatMap(([name, { range }]) => (range ? [[name, { least: range[0], largest: range[1] }]] : [])),
    ),
    nonZero: new Set(),
  };
}

/** The field that a node reads: `e.x`. */
export function fieldOf(node: ASTNode): string | undefined {
  if (node.op !== '.') return undefined;
  const [receiver, name] = node.args;
  return receiver.op === 'id' && receiver.args === 'e' ? name : undefined;
}

/** The field that a node asks for: `has(e.x)`. */
export function askedField(node: ASTNode): string | undefined {
  if (node.op !== 'call' || node.args[0] !== 'has') return undefined;
  const [argument] = node.args[1];
  return argument && fieldOf(argument);
}

/** @returns `undefined`: the condition cannot have that end */
export function assume(node: ASTNode, truth: boolean, known: Knowledge): Knowledge | undefined {
  if (node.op === '!_') return assume(node.args, !truth, known);
  if (node.op === '&&' || node.op === '||') {
    const [one, other] = node.args;
    const ofBoth = (node.op === '&&') === truth;
    const first = assume(one, truth, known);
    if (ofBoth) return first && assume(other, truth, first);
    const second = assume(other, truth, known);
    return first && second ? either(first, second) : (first ?? second);
  }
  if (node.op === 'value' && typeof node.args === 'boolean') return node.args === truth ? known : undefined;
  const asked = askedField(node);
  if (asked !== undefined) return assumeThere(asked, truth, known);
  return assumeComparison(node, truth, known);
}

function assumeThere(field: string, truth: boolean, known: Knowledge): Knowledge | undefined {
  if (truth ? known.absent.has(field) : known.present.has(field)) return undefined;
  return truth
    ? { ...known, present: new Set([...known.present, field]) }
    : { ...known, absent: new Set([...known.absent, field]) };
}

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '==': '!=', '!=': '==' } as const;
const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;
type Comparison = keyof typeof OPPOSITE;

function assumeComparison(node: ASTNode, truth: boolean, known: Knowledge): Knowledge | undefined {
  if (!(node.op in OPPOSITE)) return known;
  const written = node.op as Comparison;
  const [left, right] = node.args as [ASTNode, ASTNode];
  const [field, limit, operator] =
    fieldOf(left) === undefined
      ? [fieldOf(right), constantOf(left), MIRRORED[written]]
      : [fieldOf(left), constantOf(right), written];
  if (field === undefined || limit === undefined) return known;
  const holds = truth ? operator : OPPOSITE[operator];
  // What could be compared has a value.
  const there: Knowledge = { ...known, present: new Set([...known.present, field]) };
  if (holds === '!=') {
    return limit === 0 ? { ...there, nonZero: new Set([...known.nonZero, field]) } : there;
  }
  const before = known.ranges.get(field) ?? ANY;
  const least = holds === '>' || holds === '>=' || holds === '==' ? limit : ANY.least;
  const largest = holds === '<' || holds === '<=' || holds === '==' ? limit : ANY.largest;
  const range = intersection(before, { least, largest });
  if (!range) return undefined;
  const strict = (holds === '>' || holds === '<') && limit === 0;
  return {
    ...there,
    ranges: new Map([...known.ranges, [field, range]]),
    ...(strict && { nonZero: new Set([...known.nonZero, field]) }),
  };
}

/** The number that a node is, where it is written down. */
function constantOf(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const inner = constantOf(node.args);
    return inner === undefined ? undefined : -inner;
  }
  if (node.op !== 'value') return undefined;
  return typeof node.args === 'number' || typeof node.args === 'bigint' ? Number(node.args) : undefined;
}

function either(a: Knowledge, b: Knowledge): Knowledge {
  const ranges = new Map<string, Interval>();
  for (const [name, range] of a.ranges) {
    const other = b.ranges.get(name);
    if (other) ranges.set(name, union(range, other));
  }
  return {
    present: inBoth(a.present, b.present),
    absent: inBoth(a.absent, b.absent),
    ranges,
    nonZero: inBoth(a.nonZero, b.nonZero),
  };
}

function inBoth(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

/** What a condition says of fields being there when it holds; told by what cannot fail itself. */
export function assumePresence(node: ASTNode, known: Knowledge): Knowledge {
  if (node.op === '&&') return assumePresence(node.args[1], assumePresence(node.args[0], known));
  const asked = askedField(node);
  if (asked === undefined) return known;
  return { ...known, present: new Set([...known.present, asked]) };
}
