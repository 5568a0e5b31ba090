import { type End, type History, type SentEvent, type SentRequest, endsOf } from './history.ts';

/** One event in one request, and what was told of it. */
export interface Telling {
  request: SentRequest;
  /** Place of the event in the request. */
  index: number;
  event: SentEvent;
  end: End;
}

/** A history by events and by ids. */
export interface Told {
  history: History;
  /** Every event that was sent. */
  byEvent: ReadonlyMap<SentEvent, readonly Telling[]>;
  /** The same by id: events that claim one id are together. */
  byId: ReadonlyMap<string, readonly Telling[]>;
}

export function toldOf(history: History): Told {
  const byEvent = new Map<SentEvent, Telling[]>();
  const byId = new Map<string, Telling[]>();
  for (const request of history.requests) {
    const ends = endsOf(request);
    for (const [index, event] of request.events.entries()) {
      const telling = {
        request,
        index,
        event,
        end: ends[index] ?? { status: 'unanswered' },
      } satisfies Telling;
      add(byEvent, event, telling);
      add(byId, event.id, telling);
    }
  }
  return { history, byEvent, byId };
}

function add<K>(map: Map<K, Telling[]>, key: K, telling: Telling): void {
  const there = map.get(key);
  if (there) there.push(telling);
  else map.set(key, [telling]);
}

/** Whether somebody was told that the event is stored. */
export function isAcknowledged({ end }: Telling): boolean {
  return end.status === 'accepted' || end.status === 'duplicate';
}

/** Whether the request may have stored the event, going by what was told. */
export function mayHaveStored({ end }: Telling): boolean {
  return end.status === 'accepted' || end.status === 'retry' || end.status === 'unanswered';
}

/** Whether the answer says that something is stored under the id. */
export function showsStored(telling: Telling): boolean {
  return isAcknowledged(telling) || isConflict(telling);
}

export function isConflict({ end }: Telling): boolean {
  return end.status === 'rejected' && end.code === 'id_conflict';
}

/** Whether `first` began before `then` had ended, so that it can have been its cause. */
export function canPrecede(first: Telling, then: Telling): boolean {
  return first.request.startedAt <= then.request.endedAt;
}

/** The requests of these, each once, in the order in which they were begun. */
export function requestsOf(tellings: readonly Telling[]): SentRequest[] {
  return [...new Set(tellings.map(({ request }) => request))].toSorted((a, b) => a.startedAt - b.startedAt);
}
