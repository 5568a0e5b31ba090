import type { LinearPolicy, PolicyState } from '@rlaas/learning';
import type { PolicyConfiguration } from '@rlaas/schemas';

/** A policy as decisions are made with it. Replaced as a whole between two requests. */
export interface ServedPolicy {
  readonly name: string;
  readonly configuration: PolicyConfiguration;
  /** The active version, when there is one that this release can run. */
  readonly active:
    | {
        readonly version: string;
        readonly policy: LinearPolicy;
        readonly state: PolicyState;
        /** Number of the checkpoint that `state` came from; null: nothing was learned yet. */
        readonly checkpoint: number | null;
      }
    | undefined;
  /** There is an active version, but it cannot be run; why. */
  readonly degraded: string | undefined;
}
