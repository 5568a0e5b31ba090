import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listAll } from './list-all.ts';
import type { ListPage } from './object-store.ts';

it('gives each object once, however the pages are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 7 }), async (count, size) => {
      const keys = Array.from({ length: count }, (_, index) => `a/${String(index).padStart(3, '0')}`);
      const list = async (_prefix: string, { after = '' }: { after?: string } = {}): Promise<ListPage> => {
        const rest = keys.filter((key) => key > after);
        const objects = rest.slice(0, size).map((key) => ({ key, size: 0, lastModified: new Date(0) }));
        const last = objects.at(-1);
        return rest.length > size && last ? { objects, next: last.key } : { objects };
      };
      const found: string[] = [];
      for await (const { key } of listAll({ list }, 'a/')) found.push(key);
      expect(found).toEqual(keys);
    }),
  );
});
