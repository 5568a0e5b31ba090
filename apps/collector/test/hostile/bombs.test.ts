import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { brotliOfZeros, gzipOfZeros, zstdOfZeros } from './bombs.ts';

const MIB = 1024 * 1024;

test('the bombs are what they say: they unpack to zeros, as long as they go', async () => {
  expect(() => gunzipSync(gzipOfZeros(96 * MIB))).toThrow('incorrect data check');
  expect(() => gunzipSync(gzipOfZeros(96 * MIB), { maxOutputLength: 95 * MIB })).toThrow('larger than');
  const brotli = brotliDecompressSync(await brotliOfZeros(48 * MIB));
  expect(brotli.equals(Buffer.alloc(48 * MIB))).toBe(true);
  expect(zstdDecompressSync(zstdOfZeros(5 * MIB)).equals(Buffer.alloc(5 * MIB))).toBe(true);
});

test('and they are small', async () => {
  expect(gzipOfZeros(2_000 * MIB).length).toBeLessThan(2 * MIB);
  expect((await brotliOfZeros(10_000 * MIB)).length).toBeLessThan(MIB);
  expect(zstdOfZeros(10_000 * MIB).length).toBeLessThan(MIB);
});
