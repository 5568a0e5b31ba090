/** What the first decision of an episode played. */
export interface FirstDecision {
  readonly id: string;
  /** Id of the action. */
  readonly action: string;
  readonly version: string | null;
  readonly checkpoint: number | null;
  readonly mode: 'live' | 'canary' | 'shadow_only';
}

/** Bound of memory; those not asked for the longest are forgotten first. */
const CAPACITY = 100_000;

/**
 * What is remembered of the first decision of episodes. Forgotten by a restart and unknown to other gateways: there draws
 * and assignments follow from the episode all the same, and are the same as long as what they are made from is.
 */
export class Episodes<First> {
  readonly #first = new Map<string, First>();

  find(tenantId: string, policy: string, episode: string): First | undefined {
    const key = keyOf(tenantId, policy, episode);
    const found = this.#first.get(key);
    if (found !== undefined) {
      this.#first.delete(key);
      this.#first.set(key, found);
    }
    return found;
  }

  forget(tenantId: string, policy: string, episode: string): void {
    this.#first.delete(keyOf(tenantId, policy, episode));
  }

  add(tenantId: string, policy: string, episode: string, first: First): void {
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
