import type { FeatureValue } from '@rlaas/schemas';
import fc from 'fast-check';
import type { Features, HashableAction } from '../src/index.ts';

/** Numbers of every size that a feature can have, 0 and the ends of the range among them. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, -0, 1, 1000, 1e-30, 1e30, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE),
);

/** Features as applications may write them. @param number of which numbers */
export function featuresOf(number: fc.Arbitrary<number>, maxKeys = 5): fc.Arbitrary<Features> {
  const value: fc.Arbitrary<FeatureValue> = fc.letrec<{ value: FeatureValue; nested: FeatureValue }>(
    (tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        number,
        fc.string({ unit: 'grapheme', maxLength: 6 }),
        fc.boolean(),
        fc.constant(null),
        fc.array(number, { maxLength: 3 }),
        tie('nested'),
      ),
      nested: fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), tie('value'), { maxKeys: 2 }),
    }),
  ).value;
  return fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), value, { maxKeys });
}

/** Actions with ids of their own. */
export function actionsOf(
  number: fc.Arbitrary<number>,
  { minLength = 1, maxLength = 5 } = {},
): fc.Arbitrary<HashableAction[]> {
  return fc
    .array(fc.option(featuresOf(number, 3), { nil: undefined }), { minLength, maxLength })
    .map((list) => list.map((features, index) => ({ id: `action-${index}`, features })));
}
