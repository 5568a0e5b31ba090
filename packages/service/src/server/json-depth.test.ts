import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nestsDeeper } from './json-depth.ts';

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('measures what the parser would build, whatever stands in texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, spaces) => {
      const text = JSON.stringify(value, undefined, spaces);
      const depth = depthOf(JSON.parse(text));
      expect(nestsDeeper(text, depth)).toBe(false);
      expect(nestsDeeper(text, depth - 1)).toBe(depth > 0);
    }),
  );
});

test('does not count brackets in texts, also behind escaped quotes', () => {
  expect(nestsDeeper(JSON.stringify({ 'a"[[[': '\\"{{{', b: '\\\\' }), 1)).toBe(false);
  expect(nestsDeeper('["\\\\",[1]]', 1)).toBe(true);
});

test('ends for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', '{', '}', ']', '"', '\\', 'a') }), (text) => {
      expect(typeof nestsDeeper(text, 3)).toBe('boolean');
    }),
  );
});
