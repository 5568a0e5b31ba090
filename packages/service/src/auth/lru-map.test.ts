import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruMap } from './lru-map.ts';

test('keeps the last used entries and no more than its limit', () => {
  const operation = fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const map = new LruMap<number, string>(4);
      let model: number[] = [];
      const gets: [string | undefined, string | undefined][] = [];
      for (const [kind, key] of operations) {
        const had = model.includes(key);
        if (kind === 'get') {
          gets.push([map.get(key), had ? `value-${key}` : undefined]);
          if (had) model = [...model.filter((other) => other !== key), key];
        } else if (kind === 'set') {
          map.set(key, `value-${key}`);
          model = [...model.filter((other) => other !== key), key].slice(-4);
        } else {
          map.delete(key);
          model = model.filter((other) => other !== key);
        }
        expect([...map.values()]).toEqual(model.map((other) => `value-${other}`));
      }
      for (const [got, wanted] of gets) expect(got).toBe(wanted);
    }),
  );
});
