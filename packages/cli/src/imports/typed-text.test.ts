import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typedText } from './typed-text.ts';

test.each([
  ['12', 12],
  ['-3.5e2', -350],
  ['0', 0],
  ['true', true],
  ['false', false],
  ['', undefined],
  // Codes, and what only looks like a number.
  ['01099', '01099'],
  ['+49', '+49'],
  ['0x10', '0x10'],
  ['1e999', '1e999'],
  [' 1', ' 1'],
  ['NaN', 'NaN'],
])('%j is %j', (text, value) => {
  expect(typedText(text)).toBe(value);
});

test('every finite number that JSON writes is read as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      // JSON has no negative zero.
      expect(typedText(JSON.stringify(number))).toBe(number === 0 ? 0 : number);
    }),
  );
});
