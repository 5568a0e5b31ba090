import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_LIMIT, UnstorableValue, canonicalEvent } from './canonical-event.ts';

const written = (event: Record<string, unknown>): string => canonicalEvent(event).text;

/** RFC 8785 by its words, over values that are well; not the way it is done in the source. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => compareUnits(a, b));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${reference(member)}`).join(',')}}`;
}

function compareUnits(a: string, b: string): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function refusal(event: Record<string, unknown>): { path: readonly (string | number)[]; message: string } {
  try {
    canonicalEvent(event);
  } catch (error) {
    if (error instanceof UnstorableValue) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error('it was written');
}

const storableText = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => text.isWellFormed() && !text.includes('\0') && text !== '__proto__');
const storable = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Number.isInteger(n) || Math.abs(n) < 2 ** 53),
    fc.maxSafeInteger(),
    storableText,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(storableText, tie('value'), { maxKeys: 6 }),
  ),
})).value;
const event = fc.dictionary(storableText, storable, { maxKeys: 6 });

describe('the canonical form', () => {
  test('is that of RFC 8785', () => {
    fc.assert(
      fc.property(event, (given) => {
        expect(written(given)).toBe(reference(given));
      }),
      { numRuns: 500 },
    );
  });

  test('of the examples in the standard', () => {
    expect(
      written({
        numbers: [JSON.parse('333333333.33333329'), 4.5, 2e-3, 0.000000000000000000000000001],
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
        literals: [null, true, false],
      }),
    ).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    // Sorted by UTF-16 units, in which an emoji comes before what is written with a single unit above U+D800.
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    expect(
      Object.keys(JSON.parse(written(Object.fromEntries(names.map((name) => [name, 0])))) as object),
    ).toEqual(['1', ...sorted.filter((name) => name !== '1')]);
    expect(written(Object.fromEntries(names.map((name) => [name, 0])))).toBe(
      `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`,
    );
  });

  test('is the same for any order of members and any way of writing a number', () => {
    expect(written({ b: { 10: 1, 9: 2 }, a: -0 })).toBe('{"a":0,"b":{"10":1,"9":2}}');
    const one = JSON.parse('{"a":1.0,"b":1e2,"c":"\\u0041"}') as Record<string, unknown>;
    expect(written(one)).toBe(written({ c: 'A', b: 100, a: 1 }));
  });

  test('has the text of the data by itself, and {} where there is none', () => {
    expect(canonicalEvent({ type: 'x', data: { b: 1, a: [] } })).toEqual({
      text: '{"data":{"a":[],"b":1},"type":"x"}',
      data: '{"a":[],"b":1}',
    });
    expect(canonicalEvent({ type: 'x' }).data).toBe('{}');
  });

  test('leaves out what is undefined', () => {
    expect(written({ a: undefined, b: { c: undefined } })).toBe('{"b":{}}');
  });
});

describe('what cannot be stored as it was sent', () => {
  test.each<[string, unknown, (string | number)[]]>([
    ['half of a pair', { a: ['\uD83D'] }, ['data', 'a', 0]],
    ['the other half', { a: 'x\uDE00' }, ['data', 'a']],
    ['\\u0000', { a: { b: 'a\0' } }, ['data', 'a', 'b']],
    ['an integer beyond 2^53', { n: 2 ** 53 }, ['data', 'n']],
    ['a negative one', { n: -(2 ** 53) }, ['data', 'n']],
    ['a number that JSON.parse reads as infinite', JSON.parse('{"n":1e400}'), ['data', 'n']],
    ['a negative one of these', [JSON.parse('-1e400')], ['data', 0]],
    ['a name with half of a pair', { 'a\uD800': 1 }, ['data', 'a\uD800']],
    ['a name with \\u0000', { 'a\0': 1 }, ['data', 'a\0']],
    ['__proto__ as a name', JSON.parse('{"a":{"__proto__":{"b":1}}}'), ['data', 'a', '__proto__']],
    ['what JSON does not know', { f: () => 1 }, ['data', 'f']],
  ])('%s is named by its place', (_name, data, path) => {
    expect(refusal({ type: 'outcome', data })).toEqual({
      path,
      message: expect.stringMatching(/.{10}/) as string,
    });
  });

  test('2^53 - 1, the smallest numbers and other names of prototypes are well', () => {
    const given = JSON.parse(
      '{"constructor":{"prototype":1},"n":[9007199254740991,5e-324,1e-400,-0]}',
    ) as object;
    expect(written({ data: given })).toBe(
      '{"data":{"constructor":{"prototype":1},"n":[9007199254740991,5e-324,0,0]}}',
    );
  });

  test(`nests at most ${DEPTH_LIMIT} levels, the event itself among them`, () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(written({ data: nested(DEPTH_LIMIT - 1) })).toContain('[[[1]]]');
    const { path, message } = refusal({ data: nested(DEPTH_LIMIT) });
    expect(message).toBe('nests deeper than 32 levels');
    expect(path).toHaveLength(DEPTH_LIMIT);
  });

  test('a text of millions of characters is no reason to fail', () => {
    expect(written({ data: 'x'.repeat(8_000_000) })).toHaveLength(8_000_011);
    expect(written({ data: `${'x'.repeat(8_000_000)}"` })).toHaveLength(8_000_013);
  });

  test('names are looked at each time, also those that were well before', () => {
    expect(written({ n: { again: 1 } })).toBe(written({ n: { again: 1 } }));
    expect([1, 2].map(() => refusal({ 'bad\0': 1 }).path)).toEqual([['bad\0'], ['bad\0']]);
  });
});
