import { normalForm } from './normal-form.ts';
import type { Snapshot } from './snapshot.ts';
import { type Told, isAcknowledged, requestsOf } from './told.ts';
import type { Violation } from './violation.ts';

/** I3: what was rejected is a dead letter with its reason, what is stored is none, and no letter is of nothing. */
export function rejectedKept(told: Told, snapshot: Snapshot): Violation[] {
  return [...invalidTaken(told), ...(snapshot.letters ? lettersAgree(told, snapshot, snapshot.letters) : [])];
}

function* invalidTaken({ byEvent }: Told): Generator<Violation> {
  for (const [event, tellings] of byEvent) {
    if (event.meant === 'well' || !tellings.some(isAcknowledged)) continue;
    const what = `event ${event.number}: ${normalForm(event.content)}`;
    yield { kind: 'invalid_taken', what, id: event.id, requests: requestsOf(tellings) };
  }
}

function* lettersAgree(
  { history, byEvent, byId }: Told,
  snapshot: Snapshot,
  letters: NonNullable<Snapshot['letters']>,
): Generator<Violation> {
  const stored = new Map(
    snapshot.events.map((row) => [`${row.tenantId} ${row.id}`, normalForm(row.content)]),
  );
  const kept = new Set<string>();
  for (const { tenantId, eventId, code, content } of letters) {
    const text = normalForm(content);
    const tellings = tenantId === history.tenantId ? (byId.get(eventId ?? '') ?? []) : [];
    const about = { ...(eventId !== null && { id: eventId }), requests: requestsOf(tellings) };
    if (!tellings.some(({ event, end }) => end.status !== 'unsent' && normalForm(event.content) === text)) {
      yield { kind: 'letter_ghost', what: `tenant ${tenantId}, ${code}: ${text}`, ...about };
    } else if (stored.get(`${tenantId} ${eventId}`) === text) {
      yield { kind: 'letter_of_stored', what: `${code}: ${text}`, ...about };
    }
    if (tenantId === history.tenantId) kept.add(keyOf(eventId, code, text));
  }
  for (const [event, tellings] of byEvent) {
    const codes = new Set(
      tellings.filter(({ end }) => end.status === 'rejected').map(({ end }) => end.code ?? ''),
    );
    const text = codes.size > 0 ? normalForm(event.content) : '';
    for (const code of codes) {
      if (kept.has(keyOf(event.id, code, text))) continue;
      const what = `event ${event.number}, ${code}: ${text}`;
      yield { kind: 'letter_missing', what, id: event.id, requests: requestsOf(tellings) };
    }
  }
}

function keyOf(eventId: string | null, code: string, text: string): string {
  return `${eventId} ${code} ${text}`;
}
