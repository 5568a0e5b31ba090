import { isFinal } from './history.ts';
import { type Told, isConflict, requestsOf } from './told.ts';
import type { Violation } from './violation.ts';

/** I4: everything has an end, and what is well is not rejected, but for a conflict with a rival under its id. */
export function resentToAnEnd({ byEvent, byId }: Told): Violation[] {
  const violations: Violation[] = [];
  for (const [event, tellings] of byEvent) {
    if (!tellings.some(({ end }) => isFinal(end))) {
      const what = `event ${event.number}, sent ${tellings.length} times`;
      violations.push({ kind: 'no_end', what, id: event.id, requests: requestsOf(tellings) });
    }
    if (event.meant === 'invalid') continue;
    const hasRival = (byId.get(event.id) ?? []).some(
      (one) => one.event !== event && one.event.meant === 'well',
    );
    const wrong = tellings.find(
      (telling) => telling.end.status === 'rejected' && !(hasRival && isConflict(telling)),
    );
    if (!wrong) continue;
    const what = `event ${event.number}: ${wrong.end.code ?? 'no code'} in request ${wrong.request.number}`;
    violations.push({ kind: 'well_rejected', what, id: event.id, requests: requestsOf(tellings) });
  }
  return violations;
}
