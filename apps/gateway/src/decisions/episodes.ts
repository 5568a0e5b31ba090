/** What the first decision of an episode played. */
export interface FirstDecision {
  readonly id: string;
  /** Id of the action. */
  readonly action: string;
  readonly version: string | null;
  readonly checkpoint: number | null;
}

/** Bound of memory; those not asked for the longest are forgotten first. */
const CAPACITY = 100_000;

/**
 * First decisions of episodes that asked to be sticky. Forgotten by a restart and unknown to other gateways: there the
 * draw follows from the episode all the same, and gives the same action as long as the probabilities are the same.
 */
export class Episodes {
  readonly #first = new Map<string, FirstDecision>();

  find(tenantId: string, policy: string, episode: string): FirstDecision | undefined {
    const key = keyOf(tenantId, policy, episode);
    const found = this.#first.get(key);
    if (found) {
      this.#first.delete(key);
      this.#first.set(key, found);
    }
    return found;
  }

  add(tenantId: string, policy: string, episode: string, first: FirstDecision): void {
    const key = keyOf(tenantId, policy, episode);
    // The first one stays, also when another action was played since because it was excluded.
    if (this.#first.has(key)) return;
    this.#first.set(key, first);
    if (this.#first.size <= CAPACITY) return;
    const [oldest] = this.#first.keys();
    if (oldest !== undefined) this.#first.delete(oldest);
  }
}

function keyOf(tenantId: string, policy: string, episode: string): string {
  return `${tenantId}/${policy}/${episode}`;
}
