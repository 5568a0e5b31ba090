/** A row of `rlaas.events`; `content` is the event as its columns tell it. */
export interface StoredEvent {
  tenantId: string;
  id: string;
  content: unknown;
}

/** A row of `rlaas.dead_letters`; `content` is the event that it keeps, or its text where that is no JSON. */
export interface StoredLetter {
  tenantId: string;
  eventId: string | null;
  code: string;
  content: unknown;
}

/** What the tables hold when everybody has ended. */
export interface Snapshot {
  events: readonly StoredEvent[];
  /** `undefined` where there is no such table. */
  letters: readonly StoredLetter[] | undefined;
}
