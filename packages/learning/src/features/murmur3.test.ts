import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameHasher, murmur3 } from './murmur3.ts';

const M = 0xffff_ffffn;

/** MurmurHash3_x86_32 over bytes, as its description has it, in big integers. */
function reference(bytes: Uint8Array, seed: number): number {
  const rotated = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (32n - bits))) & M;
  let h = BigInt(seed);
  for (let from = 0; from < bytes.length; from += 4) {
    const block = new Uint8Array(4);
    block.set(bytes.subarray(from, from + 4));
    const word = BigInt(new DataView(block.buffer).getUint32(0, true));
    h ^= (rotated((word * 0xcc9e2d51n) & M, 15n) * 0x1b873593n) & M;
    if (from + 4 <= bytes.length) h = (rotated(h, 13n) * 5n + 0xe6546b64n) & M;
  }
  h ^= BigInt(bytes.length);
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & M;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & M;
  return Number(h ^ (h >> 16n));
}

test.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['test', 0, 0xba6bd213],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
])('the hash of %j with seed %i is the published one', (text, seed, expected) => {
  expect(murmur3(text, seed)).toBe(expected);
  expect(reference(Buffer.from(text), seed)).toBe(expected);
});

test('is that of the UTF-8 bytes of any text, in one piece or in several', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme-ascii' }),
  );
  fc.assert(
    fc.property(text, text, fc.nat(0xffff_ffff), (first, second, seed) => {
      expect(murmur3(first, seed)).toBe(reference(Buffer.from(first), seed));
      expect(new NameHasher().begin(seed).add(first).add(second).end()).toBe(
        reference(Buffer.concat([Buffer.from(first), Buffer.from(second)]), seed),
      );
    }),
    { numRuns: 500 },
  );
});

test('half of a pair that stands for one character is hashed as the character that replaces it', () => {
  expect(murmur3('a\ud800b', 7)).toBe(murmur3('a\ufffdb', 7));
});
