import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, pageOf, pageQuerySchema } from './lists.ts';

test('a cursor gives back what it was made from, whatever that was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (after) => {
      expect(decodeCursor(encodeCursor(after))).toBe(Buffer.from(after).toString());
    }),
  );
});

test('a text that is no cursor is refused', () => {
  expect(pageQuerySchema.safeParse({ cursor: 'nonsense' }).success).toBe(false);
  expect(pageQuerySchema.parse({ limit: '7' })).toEqual({ limit: 7 });
  for (const limit of ['0', '501', 'x', '1.5'])
    expect(pageQuerySchema.safeParse({ limit }).success).toBe(false);
});

test('walking by cursors gives every row once, for any number of rows and any limit', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      (numbers, limit) => {
        const rows = numbers.map((number) => String(number).padStart(12, '0')).toSorted();
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const after: string = cursor === null ? '' : (decodeCursor(cursor) ?? '');
          const page: { items: string[]; next_cursor: string | null } = pageOf(
            rows.filter((row) => row > after).slice(0, limit + 1),
            limit,
            (row) => row,
          );
          seen.push(...page.items);
          cursor = page.next_cursor;
        } while (cursor !== null);
        expect(seen).toEqual(rows);
      },
    ),
  );
});
