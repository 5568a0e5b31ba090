import type { EventRow } from '../events/event-row.ts';
import type { Origin } from '../events/origin.ts';
import type { NewLetter } from '../letters/new-letter.ts';

/** Rows and letters of one request that are written together. */
export interface Chunk {
  tenantId: string;
  origin: Origin;
  rows: readonly EventRow[];
  letters: readonly NewLetter[];
  /** All rows or none. Such a chunk is a group by itself. */
  atomic: boolean;
}

/** What became of a row. */
export type RowEnd =
  | 'accepted'
  | 'duplicate'
  /** Another event with its id is stored; this one is kept as a dead letter. */
  | 'conflict'
  /** Postgres refuses it; it is kept as a dead letter. */
  | 'unstorable'
  /** It is not known to be stored: it can be sent again. */
  | 'lost';

/** What became of a chunk. */
export interface ChunkEnd {
  /** One for each row. */
  rows: readonly RowEnd[];
  /** Whether the letters of the chunk, and those of its conflicts, are stored. */
  lettersStored: boolean;
  /** What Postgres said of rows that are `unstorable`. */
  reason?: string;
  /** Milliseconds since 1970: stamped on every row before it was written. */
  receivedAt: number;
}

/** Most rows and bytes of a group; an atomic chunk may be larger. */
export const GROUP_ROWS = 500;
export const GROUP_BYTES = 1_048_576;

/** What a chunk weighs in the queue. A letter counts as a row. */
export function weightOf(chunk: Chunk): { rows: number; bytes: number } {
  let bytes = 0;
  for (const row of chunk.rows) bytes += row.bytes;
  for (const letter of chunk.letters) bytes += letter.event.length + 200;
  return { rows: chunk.rows.length + chunk.letters.length, bytes };
}

/** Cuts what a request brings into chunks that fit into groups, in its order. */
export function chunksOf(request: Chunk): Chunk[] {
  if (request.atomic) return [request];
  const chunks: Chunk[] = [];
  let [rows, letters, bytes]: [EventRow[], NewLetter[], number] = [[], [], 0];
  const cut = (): void => {
    if (rows.length + letters.length > 0) chunks.push({ ...request, rows, letters });
    [rows, letters, bytes] = [[], [], 0];
  };
  const fits = (more: number): boolean =>
    rows.length + letters.length < GROUP_ROWS && (bytes === 0 || bytes + more <= GROUP_BYTES);
  for (const row of request.rows) {
    if (!fits(row.bytes)) cut();
    rows.push(row);
    bytes += row.bytes;
  }
  for (const letter of request.letters) {
    if (!fits(letter.event.length)) cut();
    letters.push(letter);
    bytes += letter.event.length;
  }
  cut();
  return chunks;
}
