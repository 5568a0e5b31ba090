import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BenchFailure } from '../bench-failure.ts';
import type { Column } from './copy-text.ts';
import { REFERENCE } from './reference-table.ts';

/**
 * Stores rows by one COPY statement on one connection: the most that Postgres takes without anything around it.
 * @param rows in the text format of COPY
 * @returns time from the statement to its completion, which is when the rows are durable
 */
export async function copyRows(
  client: pg.Client,
  columns: readonly Column[],
  rows: readonly Buffer[],
  count: number,
): Promise<number> {
  const names = columns.map(({ name }) => client.escapeIdentifier(name)).join(', ');
  const beganAt = performance.now();
  const statement = client.query(copyFrom(`copy ${REFERENCE} (${names}) from stdin`));
  await pipeline(Readable.from(rows), statement);
  const elapsedMs = performance.now() - beganAt;
  if (statement.rowCount !== count) {
    throw new BenchFailure(`COPY stored ${statement.rowCount} of ${count} rows`);
  }
  return elapsedMs;
}
