import type { Decision, DecisionEvent } from '@rlaas/schemas';
import type { JournalEntry } from '../journal/journal.ts';

/** For this long a repeated request gets the decision that was recorded. */
export const RECENT_MS = 600_000;
/** Bound of memory; older ones are forgotten first. */
const CAPACITY = 100_000;

/** Decisions of the last minutes by tenant and id. */
export class RecentDecisions {
  readonly #decisions = new Map<string, { decision: Decision; at: number }>();
  readonly #now: () => number;

  constructor(now: () => number, kept: readonly JournalEntry[]) {
    this.#now = now;
    for (const { tenantId, event } of kept) {
      this.#put(tenantId, decisionOf(event), Date.parse(event.occurred_at));
    }
  }

  add(tenantId: string, decision: Decision): void {
    this.#put(tenantId, decision, this.#now());
  }

  find(tenantId: string, id: string): Decision | undefined {
    const found = this.#decisions.get(`${tenantId}/${id}`);
    return found && found.at > this.#now() - RECENT_MS ? found.decision : undefined;
  }

  #put(tenantId: string, decision: Decision, at: number): void {
    this.#decisions.set(`${tenantId}/${decision.id}`, { decision, at });
    for (const [key, { at: oldest }] of this.#decisions) {
      if (this.#decisions.size <= CAPACITY && oldest > this.#now() - RECENT_MS) break;
      this.#decisions.delete(key);
    }
  }
}

/** A decision as it was answered, from its event. */
export function decisionOf(event: DecisionEvent): Decision {
  const { data } = event;
  const ranking = data.actions
    .map((action, index) => ({ id: action.id, probability: data.probabilities?.[index] ?? 0 }))
    .toSorted((a, b) => b.probability - a.probability);
  return {
    id: event.id,
    policy: event.policy,
    action: data.actions[data.chosen]?.id ?? '',
    probability: data.propensity,
    ranking,
    policy_version: data.policy_version,
    checkpoint: data.checkpoint,
    mode: data.mode,
  };
}
