import { CommandError, EXIT } from '../exit-codes.ts';
import { itemOf } from './open-bandit.ts';
import { type SourceFile, type SourceFormat, readRows } from './source-file.ts';

/**
 * How many items a campaign has, by the largest id in its files.
 * @throws CommandError when no row names an item
 */
export async function countItems(
  files: readonly SourceFile[],
  rows: SourceFormat['rows'],
  signal: AbortSignal,
): Promise<number> {
  let largest = -1;
  for (const file of files) {
    for await (const row of readRows(file, rows, { signal })) {
      if (row.readable) largest = Math.max(largest, itemOf(row.values['item_id']) ?? -1);
    }
  }
  if (largest < 0 && !signal.aborted) throw new CommandError(EXIT.failed, 'No row names an item.');
  return largest + 1;
}
