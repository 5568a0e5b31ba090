import {
  type End,
  type History,
  type SentEvent,
  type SentRequest,
  endsOf,
  isFinal,
} from '../history/history.ts';
import type { Snapshot } from '../history/snapshot.ts';

/** The history while it is made, with the sums that are shown on the way. */
export class HistoryLog {
  readonly history: History & { requests: SentRequest[] };
  /** Events that were sent and have no end yet. */
  readonly open = new Set<SentEvent>();
  readonly told: Record<End['status'], number> = {
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    retry: 0,
    unanswered: 0,
    unsent: 0,
  };
  readonly #ended = new WeakSet<SentEvent>();

  constructor(tenantId: string, before: Snapshot) {
    this.history = { tenantId, before, requests: [] };
  }

  get requests(): number {
    return this.history.requests.length;
  }

  /** Events in all requests, each as often as it was sent. */
  get events(): number {
    return Object.values(this.told).reduce((sum, count) => sum + count, 0);
  }

  /** @returns those that are to be sent again */
  record(request: Omit<SentRequest, 'number'>): SentEvent[] {
    this.history.requests.push({ ...request, number: this.requests });
    const ends = endsOf(request);
    const open: SentEvent[] = [];
    for (const [index, event] of request.events.entries()) {
      const end = ends[index];
      if (!end) continue;
      this.told[end.status] += 1;
      if (isFinal(end)) {
        this.#ended.add(event);
        this.open.delete(event);
      } else {
        open.push(event);
        if (!this.#ended.has(event)) this.open.add(event);
      }
    }
    return open;
  }
}
