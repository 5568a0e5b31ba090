import type { LinearPolicy, PolicyModel } from '@rlaas/learning';
import type { PolicyConfiguration } from '@rlaas/schemas';

/** A version that can score. */
export interface ServedVersion {
  readonly version: string;
  readonly policy: LinearPolicy;
  readonly model: PolicyModel;
  /** Number of the checkpoint that `model` came from; null: nothing was learned yet. */
  readonly checkpoint: number | null;
}

/** A version that shares the traffic with what served before. */
export interface ServedCanary {
  readonly version: ServedVersion;
  /** In (0, 1). */
  readonly share: number;
  /** Of its rollout: episodes are assigned anew in the next one. */
  readonly salt: string;
}

/** A policy as decisions are made with it. Replaced as a whole between two requests. */
export interface ServedPolicy {
  readonly name: string;
  readonly configuration: PolicyConfiguration;
  /** The declared actions as events carry them, and as JSON. */
  readonly declared:
    | { readonly actions: NonNullable<PolicyConfiguration['actions']>; readonly text: string }
    | undefined;
  /** Names of the versions that are active, in canary or in shadow, whether they can score or not. */
  readonly versions: ReadonlySet<string>;
  readonly active: ServedVersion | undefined;
  /** The version under test that makes a share of the decisions. */
  readonly canary: ServedCanary | undefined;
  /** The active version is watched beside the explored baseline, which is logged like a version. */
  readonly besideBaseline: boolean;
  /** Versions that score every decision and decide none, at most three. */
  readonly shadows: readonly ServedVersion[];
  /** There is an active version, but it cannot score; why. */
  readonly degraded: string | undefined;
  /** The version before decides, since the active one cannot be loaded (yet). */
  readonly isReplaced: boolean;
}

/** Actions as events carry them: what they mean to people stays with the policy. */
export function declaredActions(configuration: PolicyConfiguration): ServedPolicy['declared'] {
  if (!configuration.actions) return undefined;
  const actions = configuration.actions.map(({ id, features }) => (features ? { id, features } : { id }));
  return { actions, text: JSON.stringify(actions) };
}
