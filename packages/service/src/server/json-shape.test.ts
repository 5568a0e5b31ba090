import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonShape, type ShapeLimits } from './json-shape.ts';

const MANY: ShapeLimits = { levels: 1_000, nodes: 1_000_000, names: 1_000_000 };
const beyond = (text: string, limits: Partial<ShapeLimits>) =>
  new JsonShape({ ...MANY, ...limits }).add(text);

function countsOf(value: unknown): ShapeLimits {
  const names = new Set<string>();
  const count = (part: unknown): { levels: number; nodes: number } => {
    if (part === null || typeof part !== 'object') return { levels: 0, nodes: 0 };
    if (!Array.isArray(part)) for (const name of Object.keys(part)) names.add(name);
    const parts = Object.values(part).map(count);
    return {
      levels: 1 + Math.max(0, ...parts.map(({ levels }) => levels)),
      nodes: 1 + parts.reduce((sum, { nodes }) => sum + nodes, 0),
    };
  };
  return { ...count(value), names: names.size };
}

test('measures what the parser would build, whatever stands in texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, spaces) => {
      const text = JSON.stringify(value, undefined, spaces);
      const counts = countsOf(JSON.parse(text));
      expect(beyond(text, counts)).toBeUndefined();
      for (const limit of ['levels', 'nodes', 'names'] as const) {
        if (counts[limit] === 0) continue;
        expect(beyond(text, { ...counts, [limit]: counts[limit] - 1 })).toBe(limit);
      }
    }),
  );
});

test('does not count what stands in texts, also behind escaped quotes', () => {
  const text = JSON.stringify({ 'a"[[[:': '\\"{{{:', b: '\\\\' });
  expect(beyond(text, { levels: 1, nodes: 1, names: 2 })).toBeUndefined();
  expect(beyond('["\\\\",[1]]', { levels: 1 })).toBe('levels');
});

test('ends for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', '{', '}', ']', '"', '\\', ':', 'a') }), (text) => {
      expect(['levels', 'nodes', 'names', undefined]).toContain(
        beyond(text, { levels: 3, nodes: 5, names: 2 }),
      );
    }),
  );
});

describe('over several texts', () => {
  test('objects, lists and names add up, levels do not', () => {
    const shape = new JsonShape({ levels: 2, nodes: 4, names: MANY.names });
    expect(shape.add('[[')).toBeUndefined();
    expect(shape.add('[[')).toBeUndefined();
    expect(shape.add('[')).toBe('nodes');
    const named = new JsonShape({ ...MANY, names: 2 });
    expect(named.add('{"a":1,"b":1}')).toBeUndefined();
    expect(named.add('{"a":1,"b":1}')).toBeUndefined();
    expect(named.add('{"c":1}')).toBe('names');
  });

  test('the same names again and again are few', () => {
    expect(beyond(`[${'{"a":1,"b":2},'.repeat(10_000)}1]`, { names: 2 })).toBeUndefined();
  });
});
