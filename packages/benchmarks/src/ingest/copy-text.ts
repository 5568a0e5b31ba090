import { createHash } from 'node:crypto';
import { BenchFailure } from '../bench-failure.ts';
import type { BenchEvent } from './events.ts';

/** A column of rlaas.events, as the catalogue has it. */
export interface Column {
  name: string;
  /** As `format_type` writes it, such as `timestamp with time zone`. */
  type: string;
  nullable: boolean;
}

/** How many rows the collector commits together at most. */
const ROWS_OF_A_BATCH = 500;
const NULL = String.raw`\N`;

/**
 * Rows in the text format of COPY, with what the collector would store for the events.
 * @returns buffers of whole rows
 * @throws BenchFailure when a column has no value here and may not be null
 */
export function copyText(
  events: readonly BenchEvent[],
  columns: readonly Column[],
  given: { tenantId: string; receivedAt: Date },
): Buffer[] {
  const rowsOfABuffer = 200;
  const buffers: Buffer[] = [];
  for (let from = 0; from < events.length; from += rowsOfABuffer) {
    const rows = events
      .slice(from, from + rowsOfABuffer)
      .map((event, offset) => copyRow({ ...given, event, index: from + offset }, columns));
    buffers.push(Buffer.from(rows.join('')));
  }
  return buffers;
}

interface Row {
  event: BenchEvent;
  index: number;
  tenantId: string;
  receivedAt: Date;
}

function copyRow(row: Row, columns: readonly Column[]): string {
  const fields = columns.map((column) => {
    const value = valueOf(row, column);
    return value === null ? NULL : escaped(value);
  });
  return `${fields.join('\t')}\n`;
}

function valueOf(
  { event, index, tenantId, receivedAt }: Row,
  { name, type, nullable }: Column,
): string | null {
  switch (name) {
    case 'tenant_id':
      return tenantId;
    case 'id':
    case 'type':
    case 'occurred_at':
    case 'decision_id':
    case 'source':
      return event[name];
    case 'schema_version':
      return String(event.schema_version);
    case 'received_at':
      return receivedAt.toISOString();
    case 'data':
      return JSON.stringify(event.data);
    case 'fingerprint': {
      const hex = createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 32);
      return type === 'bytea' ? String.raw`\x${hex}` : hex;
    }
    case 'batch_id':
      return String(1 + Math.floor(index / ROWS_OF_A_BATCH));
    case 'ordinal':
      return String(1 + (index % ROWS_OF_A_BATCH));
    default:
      if (nullable) return null;
      throw new BenchFailure(
        `the column "${name}" of rlaas.events is new: copy-text.ts must say what it holds`,
      );
  }
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`);
}
