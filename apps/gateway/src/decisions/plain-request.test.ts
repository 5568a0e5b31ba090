import { decideSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPlainRequest } from './plain-request.ts';
import { unstorableIn } from './unstorable-request.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', 'a', '\0', '\ud800', '__proto__'),
);
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 53 - 1, -(2 ** 53) - 2, 1e300, 0.5),
);
const feature = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.array(number, { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(text, { maxLength: 2 }),
    fc.constant(undefined),
  ),
})).value;
const features = fc.oneof(fc.dictionary(text, feature, { maxKeys: 4, noNullPrototype: true }), feature);
const action = fc.oneof(
  fc.record({ id: fc.constantFrom('a', 'b', 'c', '') }),
  fc.record({ id: fc.oneof(text, fc.constant(3)), features }, { requiredKeys: [] }),
  fc.record({ id: text, other: fc.constant(1) }),
  fc.constantFrom(null, 'a', 1, []),
);
const uuid = fc.oneof(
  fc.constant('019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d'),
  fc.constantFrom('019AADF0-6A00-7C3E-9D2B-5F0C1A2B3C4D', '019aadf0-6a00-4c3e-9d2b-5f0c1a2b3c4d', '', 'x'),
);
const members = {
  id: uuid,
  policy: fc.constantFrom('p', 'support-draft', 'P', '-a', ''),
  context: features,
  actions: fc.oneof(fc.array(action, { maxLength: 4 }), fc.constant({})),
  excluded: fc.array(fc.oneof(text, fc.constant(1)), { maxLength: 3 }),
  external_id: fc.oneof(text, fc.constant('x'.repeat(257))),
  episode_id: text,
  sticky: fc.constantFrom('episode', 'never'),
  deferred: fc.oneof(fc.boolean(), fc.constant('true')),
  more: fc.constant(1),
};
const well = { policy: 'p', context: { a: 1 }, actions: [{ id: 'a' }], episode_id: 'e' };
/** A request that is well but for a member or two, which may be well too. */
const body = fc.oneof(
  fc
    .subarray(Object.keys(members) as (keyof typeof members)[], { maxLength: 2 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, members[name]]))))
    .map((changed) => Object.assign({}, well, changed)),
  fc.record(members, { requiredKeys: [] }),
  fc.constantFrom(null, [], 'x', 1),
);
/** As it arrives: what JSON cannot say is not in it. */
const arrived = body.map((value): unknown => JSON.parse(JSON.stringify(value) ?? 'null'));

describe('a plain request', () => {
  test('is one that the schema takes as it is, and that can be stored', () => {
    let plain = 0;
    fc.assert(
      fc.property(arrived, (value) => {
        if (!isPlainRequest(value)) return;
        plain += 1;
        const parsed = decideSchema.safeParse(value);
        expect(parsed).toEqual({ success: true, data: value });
        expect(unstorableIn(value)).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  test('and the other way round: what the schema takes and can be stored is plain', () => {
    fc.assert(
      fc.property(arrived, (value) => {
        const parsed = decideSchema.safeParse(value);
        // A member of that name never comes this far: the parser of bodies refuses it.
        if (JSON.stringify(value).includes('__proto__')) return;
        if (!parsed.success || unstorableIn(value)) return;
        expect(isPlainRequest(value)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('1,000 actions are plain, 1,001 are not', () => {
    const asked = (count: number) => ({
      policy: 'p',
      actions: Array.from({ length: count }, (_, index) => ({ id: `a${index}` })),
    });
    expect(isPlainRequest(asked(1_000))).toBe(true);
    expect(isPlainRequest(asked(1_001))).toBe(false);
  });
});

test('more features than can be scored in time are refused, however they nest', () => {
  const many = (size: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, value]));
  for (const context of [many(2_000, 1), { list: Array.from({ length: 1_999 }, () => 1) }]) {
    expect(isPlainRequest({ policy: 'p', context })).toBe(true);
  }
  for (const context of [
    many(2_001, 1),
    many(1_500, { a: null }),
    { list: Array.from({ length: 2_001 }, () => 1) },
  ]) {
    expect(isPlainRequest({ policy: 'p', context })).toBe(false);
    expect(unstorableIn({ policy: 'p', context })?.message).toContain('has more than 2000 features');
  }
  const actions = Array.from({ length: 25 }, (_, i) => ({ id: `a${i}`, features: many(1_900, 1) }));
  expect(unstorableIn({ policy: 'p', actions })?.message).toContain('more than 40000 features in all');
});

describe('what cannot be stored', () => {
  const asked = (context: string) => JSON.parse(`{"policy":"p","context":${context}}`) as never;
  test.each([
    [String.raw`{"a":"\u0000"}`, '/context/a', 'cannot be stored'],
    [String.raw`{"a":{"b":"\ud800"}}`, '/context/a/b', 'cannot be stored'],
    [String.raw`{"a~/b":9007199254740993}`, '/context/a~0~1b', 'beyond 2^53'],
    ['{"a":[1,1e400]}', '/context/a/1', 'must be a finite number'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, `/context${'/a'.repeat(24)}`, 'deeper than 24 levels'],
  ])('%s', (context, path, words) => {
    const wrong = unstorableIn(asked(context));
    expect(wrong?.path).toBe(path);
    expect(wrong?.message).toContain(words);
  });
});
