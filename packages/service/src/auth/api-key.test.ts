import { createHash, randomBytes } from 'node:crypto';
import { API_KEY_PATTERN } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateKey, hashKey } from './api-key.ts';

test('a key has the form the schemas name, and its prefix and hash', () => {
  const { key, prefix, hash } = generateKey(randomBytes);
  expect(key).toMatch(API_KEY_PATTERN);
  expect(key.startsWith(`${prefix}_`)).toBe(true);
  expect(hash).toBe(createHash('sha256').update(key).digest('hex'));
});

test('has that form for every source of bytes that is not stuck', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
      let position = 0;
      const source = (size: number) =>
        Uint8Array.from({ length: size }, () => (bytes[position++ % bytes.length] ?? 0) + (position % 251));
      expect(generateKey(source).key).toMatch(API_KEY_PATTERN);
    }),
  );
});

test('favours no character', () => {
  // Every byte once: the 248 fair ones give each of the 62 characters 4 times, the other 8 are drawn again.
  const counts = new Map<string, number>();
  let next = 0;
  const everyByte = (size: number) => Uint8Array.from({ length: size }, () => next++ % 256);
  for (let round = 0; round < 62; round++) {
    for (const character of generateKey(everyByte).key.replaceAll(/^rlk_|_/g, '')) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(62);
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
});

test('the hash of a text is its SHA-256 in hex', () => {
  expect(hashKey('acme-support-key')).toBe(createHash('sha256').update('acme-support-key').digest('hex'));
});
