import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ShapeLimits, shapeOf } from './json-shape.ts';

const MANY = 1_000_000;

function beyond(text: string, limits: ShapeLimits): string | number {
  const shape = shapeOf(text, limits);
  return shape.ok ? shape.nodes : shape.beyond;
}

function countsOf(value: unknown): { levels: number; nodes: number } {
  if (value === null || typeof value !== 'object') return { levels: 0, nodes: 0 };
  const parts = Object.values(value).map(countsOf);
  return {
    levels: 1 + Math.max(0, ...parts.map(({ levels }) => levels)),
    nodes: 1 + parts.reduce((sum, { nodes }) => sum + nodes, 0),
  };
}

test('measures what the parser would build, whatever stands in texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, spaces) => {
      const text = JSON.stringify(value, undefined, spaces);
      const { levels, nodes } = countsOf(JSON.parse(text));
      expect(beyond(text, { levels, nodes })).toBe(nodes);
      if (levels === 0) return;
      expect(beyond(text, { levels: levels - 1, nodes })).toBe('levels');
      expect(beyond(text, { levels, nodes: nodes - 1 })).toBe('nodes');
    }),
  );
});

test('does not count brackets in texts, also behind escaped quotes', () => {
  const text = JSON.stringify({ 'a"[[[': '\\"{{{', b: '\\\\' });
  expect(beyond(text, { levels: 1, nodes: 1 })).toBe(1);
  expect(beyond('["\\\\",[1]]', { levels: 1, nodes: MANY })).toBe('levels');
});

test('ends for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', '{', '}', ']', '"', '\\', 'a') }), (text) => {
      expect(['levels', 'nodes', 0, 1, 2, 3, 4, 5]).toContain(beyond(text, { levels: 3, nodes: 5 }));
    }),
  );
});
