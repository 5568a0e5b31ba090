/** A row of a source as it was read; one that cannot be read says why. */
export type SourceRow = ReadableRow | UnreadableRow;

/** Members of a row by name: texts where the source is CSV, any JSON where it is JSON lines. */
export interface ReadableRow {
  readable: true;
  /** Line of the file on which the row ends, from 1. */
  line: number;
  values: Readonly<Record<string, unknown>>;
}

interface UnreadableRow {
  readable: false;
  line: number;
  values: unknown;
  reason: string;
}
