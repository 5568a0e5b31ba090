import type { EventCode, EventResult } from '@rlaas/schemas';

/** Told of everything that happens to events, for the metrics. */
export interface Ledger {
  received(events: number): void;
  /** An event that passed every check: how long before its receipt it happened, in seconds; below 0 it is ahead. */
  delay(seconds: number): void;
  /** So many events of one batch ended this way. */
  ended(status: EventResult['status'], code: EventCode | undefined, events: number): void;
  /** A batch of so many events was answered: each of them must have ended. */
  closed(events: number): void;
}
