import type { Snapshot } from './snapshot.ts';
import {
  type Telling,
  type Told,
  canPrecede,
  isAcknowledged,
  isConflict,
  mayHaveStored,
  requestsOf,
  showsStored,
} from './told.ts';
import type { Violation, ViolationKind } from './violation.ts';

/** I2: each id is stored once, and what was told agrees with one moment at which it was. */
export function storedOnce(told: Told, { events }: Snapshot): Violation[] {
  const violations: Violation[] = [];
  for (const rows of Map.groupBy(events, ({ tenantId, id }) => `${tenantId} ${id}`).values()) {
    const [row] = rows;
    if (!row || rows.length === 1) continue;
    const requests = requestsOf(told.byId.get(row.id) ?? []);
    violations.push({ kind: 'stored_twice', what: `${rows.length} rows`, id: row.id, requests });
  }
  for (const [id, tellings] of told.byId) {
    for (const [kind, what] of findings(tellings)) {
      violations.push({ kind, what, id, requests: requestsOf(tellings) });
    }
  }
  return violations;
}

function* findings(tellings: readonly Telling[]): Generator<[ViolationKind, string]> {
  const accepted = tellings.filter(({ end }) => end.status === 'accepted');
  if (accepted.length > 1) yield ['accepted_twice', `in ${namesOf(accepted)}`];
  const winners = new Set(tellings.filter(isAcknowledged).map(({ event }) => event.number));
  if (winners.size > 1) yield ['both_acknowledged', `events ${[...winners].join(' and ')}`];
  for (const late of accepted) {
    const known = tellings.find((one) => showsStored(one) && one.request.endedAt < late.request.startedAt);
    if (known) yield ['accepted_again', `stored by ${namesOf([known])}, accepted by ${namesOf([late])}`];
  }
  for (const telling of tellings) {
    const because = (of: (other: Telling) => boolean): boolean =>
      tellings.some((one) => one !== telling && mayHaveStored(one) && canPrecede(one, telling) && of(one));
    if (telling.end.status === 'duplicate' && !because(({ event }) => event === telling.event)) {
      yield ['duplicate_of_nothing', `in ${namesOf([telling])}`];
    }
    if (isConflict(telling) && !because(({ event }) => event !== telling.event && event.meant === 'well')) {
      yield ['conflict_of_nothing', `in ${namesOf([telling])}`];
    }
  }
}

function namesOf(tellings: readonly Telling[]): string {
  return tellings.map(({ request, index }) => `request ${request.number} place ${index}`).join(', ');
}
