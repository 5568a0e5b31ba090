import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquareP } from '../../test/chi-square.ts';
import { Generator } from './generator.ts';
import { uniformOf } from './uniform.ts';
import { WideHasher } from './wide-hasher.ts';

const M = 0xffff_ffffn;

function rotated(x: bigint, bits: bigint): bigint {
  return ((x << bits) | (x >> (32n - bits))) & M;
}

function mixed(x: bigint): bigint {
  let h = x;
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & M;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & M;
  return h ^ (h >> 16n);
}

/** MurmurHash3_x86_128 with seed 0 over bytes, step by step as its description has it, in big integers. */
function reference(bytes: Uint8Array): bigint[] {
  const c = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const added = [0x561ccd1bn, 0x0bcaa747n, 0x96cd1c35n, 0x32ac3b17n];
  const h = [0n, 0n, 0n, 0n];
  const at = (list: bigint[], i: number): bigint => list[i % 4] ?? 0n;
  for (let from = 0; from < bytes.length; from += 16) {
    const block = new Uint8Array(16);
    block.set(bytes.subarray(from, from + 16));
    const view = new DataView(block.buffer);
    const k = [0, 1, 2, 3].map((i) => {
      const multiplied = (BigInt(view.getUint32(4 * i, true)) * at(c, i)) & M;
      return (rotated(multiplied, BigInt(15 + i)) * at(c, i + 1)) & M;
    });
    for (let i = 0; i < 4; i += 1) {
      h[i] = at(h, i) ^ at(k, i);
      if (from + 16 > bytes.length) continue;
      h[i] = ((rotated(at(h, i), BigInt(19 - 2 * i)) + at(h, i + 1)) * 5n + at(added, i)) & M;
    }
  }
  const sum = (list: bigint[]): bigint[] => {
    const first = list.reduce((total, word) => total + word, 0n) & M;
    return [first, ...list.slice(1).map((word) => (word + first) & M)];
  };
  return sum(sum(h.map((word) => word ^ BigInt(bytes.length))).map(mixed));
}

const wordsOf = (text: string): bigint[] =>
  new WideHasher()
    .add(text)
    .end()
    .map((word) => BigInt(word >>> 0));

describe('the hash behind a draw', () => {
  test('is MurmurHash3 x86 128: a published value', () => {
    const words = wordsOf('The quick brown fox jumps over the lazy dog');
    expect(words.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe(
      '2f1583c3ecee2c675d7bf66ce5e91d2c',
    );
  });

  test('is that of the UTF-8 bytes of any text, in one piece or in several', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.string({ maxLength: 40 }),
        (first, second) => {
          expect(wordsOf(first + second)).toEqual(reference(Buffer.from(first + second)));
          const pieces = new WideHasher().add(first).add(second).end();
          expect(pieces.map((word) => BigInt(word >>> 0))).toEqual(
            reference(Buffer.concat([Buffer.from(first), Buffer.from(second)])),
          );
        },
      ),
    );
  });
});

describe('a number of a draw', () => {
  test('is the same for the same parts, and another one for parts that are cut otherwise or for another domain', () => {
    expect(uniformOf('action', 'ab', 'c')).toBe(uniformOf('action', 'ab', 'c'));
    const others = [
      uniformOf('action', 'ab', 'c'),
      uniformOf('action', 'a', 'bc'),
      uniformOf('action', 'abc'),
      uniformOf('action', 'abc', ''),
      uniformOf('version', 'ab', 'c'),
      uniformOf('action', 'ab', 'ç'),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  test.each([
    ['that count up', (i: number) => `order-${i}`],
    ['that count up with zeros before', (i: number) => String(i).padStart(12, '0')],
    [
      'in UUIDs that differ in the last digits',
      (i: number) => `0190a000-0000-7000-8000-${i.toString(16).padStart(12, '0')}`,
    ],
    ['beyond ASCII', (i: number) => `évaluation № ${i}`],
  ])('of ids %s are spread evenly, and so are pairs of neighbours', (_, idOf) => {
    const cells = Array.from({ length: 100 }, () => 0);
    const pairs = Array.from({ length: 100 }, () => 0);
    let before = uniformOf('action', 't', 'p', idOf(0));
    for (let i = 1; i <= 40_000; i += 1) {
      const u = uniformOf('action', 't', 'p', idOf(i));
      expect(u >= 0 && u < 1).toBe(true);
      const cell = Math.floor(u * 100);
      const pair = Math.floor(u * 10) * 10 + Math.floor(before * 10);
      cells[cell] = (cells[cell] ?? 0) + 1;
      pairs[pair] = (pairs[pair] ?? 0) + 1;
      before = u;
    }
    const even = cells.map(() => 0.01);
    expect(chiSquareP(cells, even)).toBeGreaterThan(1e-6);
    expect(chiSquareP(pairs, even)).toBeGreaterThan(1e-6);
  });
});

describe('a generator', () => {
  test('is xoshiro128** over the hash of its parts', () => {
    const s = new WideHasher()
      .add('d')
      .addNumber(1)
      .add('x')
      .end()
      .map((word) => BigInt(word >>> 0));
    const next = (): bigint => {
      const [s0, s1, s2, s3] = s as [bigint, bigint, bigint, bigint];
      const result = (rotated((s1 * 5n) & M, 7n) * 9n) & M;
      const [x2, x3] = [s2 ^ s0, s3 ^ s1];
      [s[0], s[1], s[2], s[3]] = [s0 ^ x3, s1 ^ x2, x2 ^ ((s1 << 9n) & M), rotated(x3, 11n)];
      return result;
    };
    const generator = new Generator('d', ['x']);
    for (let i = 0; i < 200; i += 1) {
      const bits = ((next() >> 5n) << 26n) | (next() >> 6n);
      expect(generator.uniform()).toBe(Number(bits) / 2 ** 53);
    }
  });

  test.each([
    ['normal', (g: Generator) => g.normal(), 0, 1],
    ['gamma 1', (g: Generator) => g.gamma(1), 1, 1],
    ['gamma 2.5', (g: Generator) => g.gamma(2.5), 2.5, 2.5],
    ['gamma 400', (g: Generator) => g.gamma(400), 400, 400],
  ])('%s numbers have the mean and the variance that they should', (_, draw, mean, variance) => {
    const generator = new Generator('moments', []);
    const count = 50_000;
    const numbers = Array.from({ length: count }, () => draw(generator));
    const found = numbers.reduce((sum, x) => sum + x, 0) / count;
    const spread = numbers.reduce((sum, x) => sum + (x - found) ** 2, 0) / count;
    // Five standard errors of a mean.
    expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(variance / count));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.08);
  });
});
