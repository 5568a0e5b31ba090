import { normalForm } from './normal-form.ts';
import type { Snapshot, StoredEvent } from './snapshot.ts';
import { type Telling, type Told, isAcknowledged, requestsOf } from './told.ts';
import type { Violation } from './violation.ts';

/** I1, and no ghosts: what was acknowledged is stored as it was sent, and nothing else is. */
export function storedAsTold(told: Told, { events: rows }: Snapshot): Violation[] {
  const ours = new Map<string, StoredEvent>();
  const violations: Violation[] = [];
  for (const row of rows) {
    if (row.tenantId === told.history.tenantId) ours.set(row.id, row);
    const violation = judgeRow(row, told);
    if (violation) violations.push(violation);
  }
  for (const [event, tellings] of told.byEvent) {
    if (!tellings.some(isAcknowledged)) continue;
    const row = ours.get(event.id);
    const requests = requestsOf(told.byId.get(event.id) ?? []);
    if (!row) {
      violations.push({ kind: 'lost', what: `event ${event.number} is not there`, id: event.id, requests });
    } else if (normalForm(row.content) !== normalForm(event.content)) {
      const what = `event ${event.number} was acknowledged as ${normalForm(event.content)} and is stored as ${normalForm(row.content)}`;
      violations.push({ kind: 'changed', what, id: event.id, requests });
    }
  }
  return violations;
}

function judgeRow({ tenantId, id, content }: StoredEvent, { history, byId }: Told): Violation | undefined {
  const tellings = tenantId === history.tenantId ? byId.get(id) : undefined;
  const stored = normalForm(content);
  if (!tellings) return { kind: 'ghost', what: `tenant ${tenantId}: ${stored}`, id, requests: [] };
  const requests = requestsOf(tellings);
  const same = tellings.filter(({ event }) => normalForm(event.content) === stored);
  if (same.length === 0) return { kind: 'changed', what: `${stored} was never sent`, id, requests };
  if (same.some(({ event }) => event.meant === 'invalid')) {
    return { kind: 'rejected_stored', what: `${stored} is invalid`, id, requests };
  }
  if (same.every(isUnsent)) return { kind: 'ghost', what: `${stored} never left its client`, id, requests };
  return same.every(({ end }) => end.status === 'rejected')
    ? { kind: 'rejected_stored', what: stored, id, requests }
    : undefined;
}

function isUnsent({ end }: Telling): boolean {
  return end.status === 'unsent';
}
