import { type Event, type EventType, eventSchemasByType } from '@rlaas/schemas';
import type { ReadableRow } from './source-row.ts';

/** What all events of an import share. */
export interface ImportEnvelope {
  /** Who sends them, at most 100 characters. */
  source: string;
  /** The id of the event with this row key. */
  idOf: (rowKey: string) => string;
}

/** The events of a row, or why there are none. */
export type MappedRow = { ok: true; events: readonly Event[] } | { ok: false; reason: string };

/** Makes the events of a row. The same row gives the same events whenever it is mapped. */
export type RowMapper = (row: ReadableRow, envelope: ImportEnvelope) => MappedRow;

/** Events as a mapper puts them together, before they are known to be any. */
export interface EventDraft {
  type: EventType;
  [member: string]: unknown;
}

export function refused(reason: string): MappedRow {
  return { ok: false, reason };
}

/** The events, when the schemas of their types take all of them; else what is wrong with the first that is not. */
export function checkedEvents(drafts: readonly EventDraft[]): MappedRow {
  const events: Event[] = [];
  for (const draft of drafts) {
    const parsed = eventSchemasByType[draft.type].safeParse(draft);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      if (!issue) throw new Error('a schema refused an event without saying why');
      return refused([...issue.path.map(String), issue.message].join(' ').trim());
    }
    events.push(parsed.data);
  }
  return { ok: true, events };
}

/**
 * A probability with which an action was chosen, of a number or its text, or why it is none. Nobody can say later what
 * it was, so a row without one is worth nothing to an estimate.
 */
export function readPropensity(value: unknown): { propensity: number } | { reason: string } {
  if (value === undefined || value === null || value === '') return { reason: 'has no propensity' };
  const propensity = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof propensity === 'number' && propensity > 0 && propensity <= 1
    ? { propensity }
    : { reason: `propensity ${JSON.stringify(value)} is not in (0, 1]` };
}
