import type { SeededDraw } from '@rlaas/learning';
import { BASELINE_VERSION, type DecisionData } from '@rlaas/schemas';

/** What was logged of a decision, but for its features. */
export type LoggedDecision = Omit<DecisionData, 'context' | 'actions'>;

/** The two versions that are compared. */
export interface ComparedVersions {
  candidate: string;
  /** null: the explored baseline. */
  incumbent: string | null;
}

/** A decision on which a candidate and its incumbent are compared. */
export interface ComparedDecision extends SeededDraw {
  /** Probability with which the candidate decided: 0 in shadow, 1 when it is active. */
  readonly share: number;
  /** Whether it was the candidate's turn. */
  readonly isCandidate: boolean;
  /** Of the candidate, as it scored; null: none yet, or it failed. */
  readonly checkpoint: number | null;
}

/** Why a decision cannot count. */
export type Uncounted =
  | 'imported'
  | 'sticky_repeat'
  /** Another decision of the same `external_id` was before, and both were drawn with the same number. */
  | 'repeated_draw'
  | 'chosen_by_application'
  | 'degraded'
  | 'not_scored'
  | 'other_version'
  /** Its episode began before the test, or longer ago than an episode lasts. */
  | 'older_episode';

/** What a decision says of the two versions, by the probabilities that were written down when it was made. */
export function compareVersions(
  data: LoggedDecision,
  { candidate, incumbent }: ComparedVersions,
): ComparedDecision | Uncounted {
  if (data.mode === 'baseline') return 'chosen_by_application';
  if (data.mode === 'degraded') return 'degraded';
  if (data.sticky_of !== undefined) return 'sticky_repeat';
  const { probabilities } = data;
  // Without a probability of what was chosen nothing can be said of it.
  if (probabilities === undefined || !((probabilities[data.chosen] ?? 0) > 0)) return 'not_scored';
  const other = incumbent ?? BASELINE_VERSION;
  const by = data.policy_version ?? BASELINE_VERSION;
  if (by !== candidate && by !== other) return 'other_version';
  const isByCandidate = by === candidate;
  const common = { chosen: data.chosen, seed: seedOf(data) };

  const failed = data.failed_version ?? data.failed_beside;
  if (failed !== undefined && failed === (isByCandidate ? other : candidate)) {
    // One of them could not choose, so the choice says nothing about choices; whose turn it was stays as it was drawn.
    const share = data.version_share ?? 1;
    return {
      ...common,
      candidate: probabilities,
      incumbent: probabilities,
      share: isByCandidate ? share : 1 - share,
      isCandidate: (data.failed_version ?? by) === candidate,
      checkpoint: isByCandidate ? data.checkpoint : null,
    };
  }
  const beside = data.shadow?.find(({ version }) => version === (isByCandidate ? other : candidate));
  if (!beside) return 'not_scored';
  if (isByCandidate) {
    return {
      ...common,
      candidate: probabilities,
      incumbent: beside.probabilities,
      // Without a share the other one only looked on, even when a third version shares the traffic.
      share: beside.share === undefined ? 1 : (data.version_share ?? 1),
      isCandidate: true,
      checkpoint: data.checkpoint,
    };
  }
  return {
    ...common,
    candidate: beside.probabilities,
    incumbent: probabilities,
    share: beside.share ?? 0,
    isCandidate: false,
    checkpoint: beside.checkpoint ?? null,
  };
}

/** Draws of an episode without the same actions follow from the same number, whichever gateway makes them. */
function seedOf({ sticky, excluded = [] }: LoggedDecision): string | undefined {
  return sticky === 'episode' ? JSON.stringify(excluded.toSorted()) : undefined;
}
