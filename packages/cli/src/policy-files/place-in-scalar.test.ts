import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { placeInScalar } from './place-in-scalar.ts';

test.each([
  ['plain', 'value: e.sent + e.snet\n'],
  ['quoted', `value: 'e.sent + e.snet'\n`],
  ['double quotes', 'value: "e.sent + e.snet"\n'],
  ['literal', 'value: |\n  e.sent\n    + e.snet\n'],
  ['folded', 'value: >-\n  e.sent\n\n  + e.snet\nnext: 1\n'],
])('in a %s value', (_name, text) => {
  const { value } = parse(text) as { value: string };
  const at = placeInScalar(text, 'value: '.length, value, value.indexOf('e.snet'));
  expect(text.slice(at, at + 6)).toBe('e.snet');
});

test('at the beginning of one with escapes before it, or of one that is too short', () => {
  expect(placeInScalar('v: "a\\n + b"', 3, 'a\n + b', 5)).toBe(3);
  expect(placeInScalar('v: ab', 3, 'abcdef', 5)).toBe(3);
});
