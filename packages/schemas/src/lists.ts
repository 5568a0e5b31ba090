import { z } from 'zod';

/** Query of every list: `?limit=50&cursor=`. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'Items per page, 1 to 500.' }),
  cursor: z
    .string()
    .max(512)
    .optional()
    .meta({ description: '`next_cursor` of the page before; none for the first page.' }),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** Body of every list: `{ items, next_cursor }`; `next_cursor` is null on the last page. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'Pass it as `cursor` for the next page; null: the end.' }),
  });
}
