import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCompleteness } from './completeness.ts';
import { compileCondition, compileNumber } from './compile-expression.ts';
import type { Fields } from './expression.ts';

const fields: Fields = {
  edit: { type: 'number', always: false, range: [0, 1] },
  csat: { type: 'number', always: false, range: [1, 5] },
  amount: { type: 'number', always: false },
  seen: { type: 'boolean', always: true },
  label: { type: 'string', always: false },
};
const mistakes = (source: string): string[] => {
  const compiled = compileNumber(source, fields);
  return compiled.ok
    ? []
    : compiled.mistakes.map(({ code, line, column, message }) => `${line}:${column} ${code}: ${message}`);
};
const warnings = (source: string, range?: readonly [number, number]): string[] => {
  const compiled = compileNumber(source, fields, range ? { range } : {});
  return compiled.ok ? compiled.warnings.map(({ code, column }) => `${code}@${column}`) : ['refused'];
};

test.each<[string, string]>([
  ['', 'syntax'],
  ['1.0 +', '1:6 syntax: the expression ends too early'],
  ['1', '1:1 type_error: must be a number (double), and is a whole number; write whole numbers as 1.0'],
  ['e.seen', '1:1 type_error: must be a number (double), and is true or false'],
  [
    'e.edit +\n  1',
    '2:3 type_error: "+" does not go with a number and a whole number (double + int); write whole numbers as 1.0',
  ],
  ['e.edti', '1:1 unknown_field: e.edti is no input and no grader; did you mean e.edit?'],
  ['has(e.nope) ? 1.0 : 0.0', '1:5 unknown_field'],
  ['has(edit) ? 1.0 : 0.0', '1:1 wrong_has: has() asks for one field: write has(e.edit)'],
  ['has(e) ? 1.0 : 0.0', 'wrong_has'],
  ['edit', '1:1 unknown_name: write e.edit'],
  ['e["edit"]', '1:1 not_supported'],
  ['size(e) > 1 ? 1.0 : 0.0', 'not_supported'],
  ['dyn(e.edit)', '1:1 not_supported: dyn() is not known here'],
  ['e.label.matches("(a+)+$") ? 1.0 : 0.0', '1:1 unbounded_cost'],
  ['e.label == null ? 1.0 : 0.0', '1:12 not_supported'],
  ['{"a": 1.0}["a"]', 'not_supported'],
  ['1.0 / 0.0', '1:7 division_by_zero'],
  ['1.0 / (e.edit * 0.0)', 'division_by_zero'],
  ['['.repeat(100), 'too_costly'],
])('%j is refused', (source, expected) => {
  expect(mistakes(source)[0]).toContain(expected);
});

test('a long text is too costly', () => {
  expect(mistakes(`1.0 + ${'1.0 + '.repeat(800)}1.0`)[0]).toContain('too_costly');
});

test('what runs over lists costs as much as the lists are long', () => {
  const list = `[${Array.from({ length: 100 }, () => '1.0').join(', ')}]`;
  expect(mistakes(`${list}.map(x, x * 2.0).size() > 1 ? 1.0 : 0.0`)).toEqual([]);
  expect(mistakes(`${list}.exists(x, ${list}.exists(y, x > y)) ? 1.0 : 0.0`)[0]).toContain('too_costly');
  expect(mistakes('e.label.size() > 2 && [1.0].all(x, x > 0.0) ? 1.0 : 0.0')).toEqual([]);
});

describe('warnings follow the conditions on the way', () => {
  test.each<[string, string[]]>([
    ['e.edit', ['may_have_no_value@1']],
    ['has(e.edit) ? e.edit : 0.0', []],
    ['!has(e.edit) ? 0.0 : e.edit', []],
    ['has(e.edit) && e.edit > 0.5 ? 1.0 : 0.0', []],
    ['e.edit > 0.5 && has(e.edit) ? 1.0 : 0.0', []],
    ['!has(e.edit) || e.edit > 0.5 ? 1.0 : 0.0', []],
    ['has(e.edit) || has(e.csat) ? e.edit : 0.0', ['may_have_no_value@30']],
    ['has(e.edit) ? 1.0 / e.edit : 0.0', ['division_by_possible_zero@21']],
    ['has(e.csat) ? 1.0 / e.csat : 0.0', []],
    ['has(e.edit) && e.edit > 0.0 ? 1.0 / e.edit : 0.0', []],
    ['has(e.amount) && e.amount != 0.0 ? 1.0 / e.amount : 0.0', []],
    ['has(e.csat) ? 1.0 / (e.csat - 3.0) : 0.0', ['division_by_possible_zero@22']],
    ['has(e.csat) && e.csat > 9.0 ? 1.0 : 0.0', ['always_false@1']],
    ['e.seen ? 1.0 : 0.0', []],
  ])('%s', (source, expected) => {
    expect(warnings(source)).toEqual(expected);
  });

  test('a value that can leave the range', () => {
    expect(warnings('has(e.csat) ? e.csat : -2.0', [-1, 1])).toEqual([
      'may_be_clipped@1',
      'may_be_clipped@1',
    ]);
    expect(warnings('has(e.csat) ? (e.csat - 3.0) / 2.0 : 0.0', [-1, 1])).toEqual([]);
  });

  test('a condition that always has one end', () => {
    const compiled = compileCondition('has(e.seen)', fields);
    expect(compiled.ok && compiled.warnings.map(({ code }) => code)).toEqual(['always_true']);
  });
});

test('completeness asks only whether values are there', () => {
  const of = (source: string) => {
    const compiled = compileCompleteness(source, fields);
    return compiled.ok ? 'fine' : compiled.mistakes[0]?.code;
  };
  expect(of('has(e.edit) && (has(e.csat) || has(e.label))')).toBe('fine');
  expect(of('e.edit > 0.0')).toBe('looks_at_values');
  expect(of('has(e.edit) && e.seen')).toBe('looks_at_values');
  expect(of('has(e.edit) || true')).toBe('looks_at_values');
  expect(of('!has(e.edit)')).toBe('not_monotone');
  expect(of('has(e.seen)')).toBe('always_there');
});

test('an expression that fails says why and where', () => {
  const compiled = compileNumber('1.0 +\n e.edit', fields);
  if (!compiled.ok) throw new Error('it is refused');
  expect(compiled.expression.evaluate({})).toEqual({
    ok: false,
    kind: 'no_value',
    message: 'e.edit has no value',
    line: 2,
    column: expect.any(Number),
  });
  const division = compileNumber('has(e.edit) ? 1.0 / e.edit : 0.0', fields);
  expect(division.ok && division.expression.evaluate({ edit: 0 })).toMatchObject({
    ok: false,
    kind: 'not_finite',
  });
});

/** Expressions of numbers and of truth, from a small grammar. */
const { number, truth } = fc.letrec<{ number: string; truth: string }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('0.0', '1.5', '-2.0', 'e.edit', 'e.csat', 'e.amount'),
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/'), tie('number'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('truth'), tie('number'), tie('number')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc
      .tuple(fc.constantFrom('min', 'max'), tie('number'), tie('number'))
      .map(([f, a, b]) => `${f}(${a}, ${b})`),
    tie('number').map((a) => `abs(${a})`),
    tie('number').map((a) => `-${a}`),
  ),
  truth: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('has(e.edit)', 'has(e.csat)', 'has(e.amount)', 'e.seen'),
    fc
      .tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc
      .tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('truth').map((a) => `!(${a})`),
  ),
}));
const values = fc.record(
  {
    edit: fc.double({ min: 0, max: 1, noNaN: true }),
    csat: fc.double({ min: 1, max: 5, noNaN: true }),
    amount: fc.oneof(fc.constant(0), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    seen: fc.boolean(),
  },
  { requiredKeys: ['seen'] },
);

test('what passes without a warning never fails, and stays where it was said to stay', () => {
  let evaluated = 0;
  fc.assert(
    fc.property(number, fc.array(values, { minLength: 5, maxLength: 5 }), (source, samples) => {
      const range = [-10, 10] as const;
      const compiled = compileNumber(source, fields, { range });
      if (!compiled.ok) return;
      const codes = new Set(compiled.warnings.map(({ code }) => code));
      const wrong = samples.flatMap((sample) => {
        const result = compiled.expression.evaluate(sample);
        evaluated += 1;
        // The same values give the same bits.
        if (!isDeepStrictEqual(compiled.expression.evaluate(sample), result)) return [{ sample, result }];
        if (result.ok) return [];
        if (result.kind === 'no_value') return codes.has('may_have_no_value') ? [] : [{ sample, result }];
        // Beyond what a double holds, which intervals of unbounded fields do not tell.
        const tooLarge = result.kind === 'not_finite' && source.includes('amount');
        return codes.has('division_by_possible_zero') || tooLarge ? [] : [{ sample, result }];
      });
      expect({ source, wrong }).toEqual({ source, wrong: [] });
    }),
    { numRuns: 2_000 },
  );
  expect(evaluated).toBeGreaterThan(1_000);
});

test('a condition that is said to be always so is always so', () => {
  fc.assert(
    fc.property(truth, fc.array(values, { minLength: 5, maxLength: 5 }), (source, samples) => {
      const compiled = compileCondition(source, fields);
      if (!compiled.ok) return;
      // What divides by 0 is no number, and no comparison with it holds: that is warned of by itself.
      if (compiled.warnings.some(({ code }) => code === 'division_by_possible_zero')) return;
      const whole = compiled.warnings.filter(
        ({ code, start, end }) => code.startsWith('always') && start === 0 && end >= source.length - 1,
      );
      const wrong = whole.flatMap(({ code }) =>
        samples.filter((sample) => {
          const result = compiled.expression.evaluate(sample);
          return result.ok && result.value !== (code === 'always_true');
        }),
      );
      expect({ source, wrong }).toEqual({ source, wrong: [] });
    }),
    { numRuns: 1_000 },
  );
});
