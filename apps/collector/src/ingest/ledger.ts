import type { IngestOutcome } from './outcome.ts';

/** Told of everything that happens to events, for the metrics. */
export interface Ledger {
  received: (events: number) => void;
  /** Of the events of a batch that passed every check: how old the oldest is, how far the newest is ahead. */
  times: (times: { oldestMs: number; aheadMs: number; late: number }) => void;
  /** What became of a batch. */
  ended: (outcome: IngestOutcome) => void;
  /** A batch of so many events was answered: each of them must have ended. */
  closed: (events: number) => void;
}
