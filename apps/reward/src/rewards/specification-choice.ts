import type { SpecificationKey } from '../specifications/specification-cache.ts';

/** A version and when it was made, milliseconds since 1970. */
export interface DatedVersion extends SpecificationKey {
  createdAt: number;
}

/**
 * Which version of its policy's specification makes the reward of a decision: the newest that was there when the decision
 * came in; of decisions that came before the first one, that one.
 */
export class SpecificationChoice {
  readonly #versions: Map<string, DatedVersion[]>;

  /** @param versions the newest first */
  constructor(versions: readonly DatedVersion[]) {
    this.#versions = Map.groupBy(versions, ({ tenantId, policy }) => `${tenantId}/${policy}`);
  }

  /** @returns `undefined`: the policy has none */
  of(decision: { tenantId: string; policy: string; receivedAt: number }): SpecificationKey | undefined {
    const versions = this.#versions.get(`${decision.tenantId}/${decision.policy}`);
    return versions?.find(({ createdAt }) => createdAt <= decision.receivedAt) ?? versions?.at(-1);
  }
}
