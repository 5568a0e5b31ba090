import { normalForm } from './normal-form.ts';
import type { Snapshot } from './snapshot.ts';
import type { Violation } from './violation.ts';

/**
 * Takes away from the tables what stood there before the first request, and finds what of it is gone or changed: rows
 * never change.
 */
export function asBefore(before: Snapshot, after: Snapshot): { added: Snapshot; violations: Violation[] } {
  const events = subtract(after.events, before.events, ({ tenantId, id, content }) =>
    [tenantId, id, normalForm(content)].join(' '),
  );
  const letters = subtract(
    after.letters ?? [],
    before.letters ?? [],
    ({ tenantId, eventId, code, content }) => [tenantId, eventId, code, normalForm(content)].join(' '),
  );
  return {
    added: { events: events.added, letters: after.letters && letters.added },
    violations: [
      ...events.missing.map((what): Violation => ({ kind: 'older_lost', what, requests: [] })),
      ...letters.missing.map((what): Violation => ({
        kind: 'older_lost',
        what: `dead letter ${what}`,
        requests: [],
      })),
    ],
  };
}

function subtract<T>(
  rows: readonly T[],
  older: readonly T[],
  keyOf: (row: T) => string,
): { added: T[]; missing: string[] } {
  const missing = new Set(older.map(keyOf));
  const added = rows.filter((row) => !missing.delete(keyOf(row)));
  return { added, missing: [...missing] };
}
