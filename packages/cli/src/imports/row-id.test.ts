import { uuidV7Schema } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowId } from './row-id.ts';

const BASE = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const IMPORT = '019ca8b2-93ff-7b10-8f21-6a5b4c3d2e1f';

test('the id is the one that the guide gives for checking', () => {
  expect(rowId(BASE, IMPORT, 'ticket-4711')).toBe('019ca8b2-9400-721b-aba0-39133351f858');
});

test('every id is a UUIDv7 of the time of the base, and the same row has the same', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      const id = rowId(BASE, IMPORT, key);
      expect(uuidV7Schema.safeParse(id).success).toBe(true);
      expect(id.slice(0, 14)).toBe('019ca8b2-9400-');
      expect(rowId(BASE, IMPORT, key)).toBe(id);
    }),
  );
});
