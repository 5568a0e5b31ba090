import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecisionIndex } from './decision-index.ts';

test('it holds what was added and not taken out, whatever the hashes', () => {
  const few = fc.constantFrom(0, 1, 63, 64, 65, 0x03ffffff, 0xffffffff);
  const step = fc.record({
    add: fc.boolean(),
    hash: few,
    segment: fc.integer({ min: 1, max: 3 }),
    place: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const index = new DecisionIndex();
      const held = new Map<string, { hash: number; segment: number; place: number }>();
      for (const { add, hash, segment, place } of steps) {
        const name = `${hash} ${segment} ${place}`;
        if (add && !held.has(name)) {
          index.add(hash, segment, place);
          held.set(name, { hash, segment, place });
        } else if (!add) {
          index.remove(hash, segment, place);
          held.delete(name);
        }
      }
      expect(index.size).toBe(held.size);
      for (const hash of [0, 1, 63, 64, 65, 0x03ffffff, 0xffffffff]) {
        const found: string[] = [];
        index.find(hash, (segment, place) => {
          found.push(`${hash} ${segment} ${place}`);
          return false;
        });
        expect(found.toSorted()).toEqual(
          [...held.keys()].filter((name) => name.startsWith(`${hash} `)).toSorted(),
        );
      }
    }),
  );
});

test('it stops at the one that it is', () => {
  const index = new DecisionIndex();
  index.add(7, 1, 10);
  index.add(7, 2, 20);
  let asked = 0;
  expect(index.find(7, () => (asked += 1) === 1)).toBe(true);
  expect(asked).toBe(1);
  expect(index.find(8, () => true)).toBe(false);
});
