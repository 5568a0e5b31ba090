import { createHash } from 'node:crypto';

/**
 * Id of an event of an import: a UUIDv7 with the time of the import's `id_base` and 74 bits of SHA-256 over the
 * import's id and the key of the row, so that a row that is sent again is known again.
 */
export function rowId(idBase: string, importId: string, rowKey: string): string {
  const hash = createHash('sha256')
    .update(importId + rowKey, 'utf8')
    .digest('hex');
  const variant = (8 + (Number.parseInt(hash.charAt(3), 16) & 3)).toString(16);
  return `${idBase.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
