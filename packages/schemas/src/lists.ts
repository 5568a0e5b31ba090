import { z } from 'zod';

/** Query of every list: `?limit=50&cursor=`. */
export const pageQuerySchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(50)
    .meta({ description: 'Items per page, 1 to 500.' }),
  cursor: z
    .string()
    .max(512)
    .refine((cursor) => decodeCursor(cursor) !== undefined, 'must be a `next_cursor` that a list answered')
    .optional()
    .meta({ description: '`next_cursor` of the page before; none for the first page.' }),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** Body of every list: `{ items, next_cursor }`; `next_cursor` is null on the last page. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` for the next page; null: the end.' }),
  });
}

/** The place after an item as an opaque text, so that nobody builds one by hand and lists may change their order. */
export function encodeCursor(after: string): string {
  return Buffer.from(`1:${after}`).toString('base64url');
}

/** The item that a cursor stands behind; `undefined` for a text that is no cursor. */
export function decodeCursor(cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  return text.startsWith('1:') ? text.slice(2) : undefined;
}

/**
 * One page out of rows that were asked for with one more than `limit`: whether that one is there tells whether
 * another page follows.
 */
export function pageOf<T>(
  rows: T[],
  limit: number,
  keyOf: (row: T) => string,
): { items: T[]; next_cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
