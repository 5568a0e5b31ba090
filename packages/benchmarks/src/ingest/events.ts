import { newId } from '@rlaas/database';

/** An outcome as an application sends it, in 480 to 520 bytes of JSON. */
export interface BenchEvent {
  id: string;
  type: 'outcome';
  schema_version: 1;
  occurred_at: string;
  decision_id: string;
  source: string;
  data: { name: string; value: string };
}

const LEAST_BYTES = 480;
const NAMES = ['sent', 'edited', 'reopened', 'resolved', 'escalated'];
/** Plain ASCII without quotes: a character is a byte of JSON. */
const PROSE =
  'Thank you for writing to us. We looked into your order and saw that the parcel was handed over to the carrier on ' +
  'Tuesday, but the address on the label lacks the number of the house. We have asked for it to be sent back and ' +
  'will ship a new one today, free of charge, with the express service. You will get a message as soon as it is on ' +
  'its way. Is there anything else that we can help you with? We wish you a pleasant week, your support team. ';

/** @param now what the clock says, in milliseconds: ids carry it */
export function makeEvents(count: number, now: () => number): BenchEvent[] {
  return Array.from({ length: count }, (_, index) => makeEvent(index, now()));
}

function makeEvent(index: number, at: number): BenchEvent {
  const event: BenchEvent = {
    id: newId(at),
    type: 'outcome',
    schema_version: 1,
    occurred_at: new Date(at).toISOString(),
    // A decision of a minute ago; each has its own, as in a help desk.
    decision_id: newId(at - 60_000),
    source: 'help-desk',
    data: { name: NAMES[index % NAMES.length] ?? '', value: '' },
  };
  const missing = LEAST_BYTES + ((index * 17) % 41) - JSON.stringify(event).length;
  event.data.value = proseOf(missing, index * 37);
  return event;
}

function proseOf(length: number, from: number): string {
  const start = from % PROSE.length;
  return (PROSE + PROSE).slice(start, start + length);
}

/** Bodies of requests with so many events each. */
export function bodiesOf(events: readonly BenchEvent[], eventsPerBody: number): string[] {
  const bodies: string[] = [];
  for (let from = 0; from < events.length; from += eventsPerBody) {
    bodies.push(JSON.stringify({ events: events.slice(from, from + eventsPerBody) }));
  }
  return bodies;
}
