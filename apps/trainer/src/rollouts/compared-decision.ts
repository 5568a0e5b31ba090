import type { Draw } from '@rlaas/learning';
import { BASELINE_VERSION, type DecisionData } from '@rlaas/schemas';

/** A decision on which a candidate and its incumbent are compared. */
export interface ComparedDecision extends Draw {
  /** Probability with which the candidate decided: 0 in shadow, 1 when it is active. */
  readonly share: number;
  /** Whether it was the candidate's turn. */
  readonly isCandidate: boolean;
  /** Whether the candidate was to decide and could not. */
  readonly failed: boolean;
  /** Of the candidate, as it scored; null: none yet. */
  readonly checkpoint: number | null;
  /** Whether the draw followed from the episode. */
  readonly isSticky: boolean;
}

/** Why a decision cannot count. */
export type Uncounted =
  | 'imported'
  | 'sticky_repeat'
  | 'chosen_by_application'
  | 'degraded'
  | 'not_scored'
  | 'other_version'
  /** Its episode began under another share, or with another version. */
  | 'two_shares'
  /** Several draws of one episode, after the candidate became active: their weights have no bound. */
  | 'drawn_episode';

/**
 * What a decision says of the two versions, by the probabilities that were written down when it was made.
 * @param incumbent null: the explored baseline
 */
export function compareVersions(
  data: DecisionData,
  { candidate, incumbent }: { candidate: string; incumbent: string | null },
): ComparedDecision | Uncounted {
  if (data.mode === 'baseline') return 'chosen_by_application';
  if (data.mode === 'degraded') return 'degraded';
  if (data.sticky_of !== undefined) return 'sticky_repeat';
  // Without a probability of what was chosen nothing can be said of it.
  if (!((data.probabilities?.[data.chosen] ?? 0) > 0) || data.probabilities === undefined)
    return 'not_scored';
  const other = incumbent ?? BASELINE_VERSION;
  const by = data.policy_version ?? BASELINE_VERSION;
  const logged = (version: string) => data.shadow?.find((one) => one.version === version);
  const common = { chosen: data.chosen, isSticky: data.sticky === 'episode' };
  if (by === candidate) {
    const ofOther = logged(other)?.probabilities;
    if (!ofOther) return 'not_scored';
    return {
      ...common,
      candidate: data.probabilities,
      incumbent: ofOther,
      share: data.version_share ?? 1,
      isCandidate: true,
      failed: false,
      checkpoint: data.checkpoint,
    };
  }
  if (by !== other) return 'other_version';
  if (data.failed_version === candidate) {
    // It was its turn, so it counts as its own; what was done says nothing about its choices.
    return {
      ...common,
      candidate: data.probabilities,
      incumbent: data.probabilities,
      share: 1 - (data.version_share ?? 0),
      isCandidate: true,
      failed: true,
      checkpoint: null,
    };
  }
  const own = logged(candidate);
  if (!own) return 'not_scored';
  return {
    ...common,
    candidate: own.probabilities,
    incumbent: data.probabilities,
    share: own.share ?? 0,
    isCandidate: false,
    failed: false,
    checkpoint: own.checkpoint ?? null,
  };
}
