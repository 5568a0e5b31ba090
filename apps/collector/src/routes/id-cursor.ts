import { decodeCursor, uuidSchema } from '@rlaas/schemas';
import { invalidAt } from '@rlaas/service';

/** The id that a cursor stands behind. @throws invalid_request for a cursor of another list */
export function idOfCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = uuidSchema.safeParse(decodeCursor(cursor));
  if (!id.success) throw invalidAt('/query/cursor', 'must be a `next_cursor` that this list answered');
  return id.data;
}
