import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editSimilarity } from './edit-similarity.ts';
import { ownWords } from './own-words.ts';
import { stringCheck } from './string-check.ts';

test.each<[string, string]>([
  [
    'Hello Ada,\n\nyour parcel is on its way.\n\nBest regards,\nBob Miller\nSupport',
    'your parcel is on its way.',
  ],
  ['Hi, your parcel is on its way.', 'your parcel is on its way.'],
  [
    'Sehr geehrte Frau Meier,\nIhr Paket ist unterwegs.\nMit freundlichen Grüßen\nA. Schmidt',
    'Ihr Paket ist unterwegs.',
  ],
  ['Bonjour,\nvotre colis arrive.\nCordialement', 'votre colis arrive.'],
  ['It is sent.\n-- \nBob\nhttps://example.org', 'It is sent.'],
  ['It is sent.\nSent from my phone', 'It is sent.'],
  ['It is sent.\n\nOn Mon, 2 Mar 2026, Ada wrote:\n> where is it?\n> hello', 'It is sent.'],
  ['> where is it?\nIt is sent.', 'It is sent.'],
  ['It is sent.\n-----Original Message-----\nFrom: Ada', 'It is sent.'],
  ['Thanks, the parcel arrived.', 'Thanks, the parcel arrived.'],
  ['Best of luck with it. Dear me, what a day.', 'Best of luck with it. Dear me, what a day.'],
])('of %j a person wrote %j', (text, own) => {
  expect(ownWords(text)).toBe(own);
});

test('1 is unedited, 0 shares nothing; greeting and signature change nothing', () => {
  expect(editSimilarity('a b', 'a b')).toBe(1);
  expect(editSimilarity('Hello,\na b c\nBest regards,\nBob', 'Hi Ada,\na b c')).toBe(1);
  expect(editSimilarity('abc', 'xyz')).toBe(0);
  expect(editSimilarity('', 'abc')).toBe(0);
  expect(editSimilarity('', '')).toBe(1);
  expect(editSimilarity('abcd', 'abcx')).toBe(0.75);
  // Nothing but greetings is compared as it is.
  expect(editSimilarity('Hello Ada,', 'Hello Bob,')).toBeGreaterThan(0);
});

test('it lies in [0, 1], is the same both ways, and 1 for the same text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '>', 'Hello,', '😀'), maxLength: 60 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const similarity = editSimilarity(one, other);
      expect(similarity).toBeGreaterThanOrEqual(0);
      expect(similarity).toBeLessThanOrEqual(1);
      expect(editSimilarity(other, one)).toBe(similarity);
      expect(editSimilarity(one, one)).toBe(1);
    }),
  );
});

test('texts that were made to take long, or to go deep, end like others', () => {
  const long = 100_000;
  const hostile = [
    'a '.repeat(long / 2),
    `on ${'a '.repeat(long / 2)}`,
    ' '.repeat(long),
    '>\n'.repeat(long / 2),
    'best regards\n'.repeat(long / 13),
    `hello ${'x '.repeat(long / 2)}`,
  ];
  for (const one of hostile) {
    for (const other of hostile) {
      const similarity = editSimilarity(one, other);
      expect(similarity >= 0 && similarity <= 1).toBe(true);
    }
  }
});

test('string_check compares as its namesake does', () => {
  expect(stringCheck({ operation: 'eq', reference: 'a' }, 'a')).toBe(1);
  expect(stringCheck({ operation: 'eq', reference: 'a' }, 'A')).toBe(0);
  expect(stringCheck({ operation: 'ne', reference: 'a' }, 'A')).toBe(1);
  expect(stringCheck({ operation: 'like', reference: 'an' }, 'Many thanks')).toBe(1);
  expect(stringCheck({ operation: 'like', reference: 'THANK' }, 'Many thanks')).toBe(0);
  expect(stringCheck({ operation: 'ilike', reference: 'THANK' }, 'Many thanks')).toBe(1);
});
