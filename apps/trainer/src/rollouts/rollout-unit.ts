import { type GateUnit, oddsOfDecision, oddsOfDrawnEpisode, oddsOfSharedEpisode } from '@rlaas/learning';
import type { ComparedDecision, Uncounted } from './compared-decision.ts';
import { FAILURES, type RolloutTerms } from './rollout-terms.ts';

/** A decision of a unit with what came of it. */
export interface UnitMember {
  readonly id: string;
  /** What only repeats the choice of its episode has a reward, but was not drawn. */
  readonly compared: ComparedDecision | 'sticky_repeat';
  /** As it was first made final; null: it has none. */
  readonly reward: number | null;
  /** Guardrail metrics, each in [0, 1]. */
  readonly harms: Readonly<Record<string, number>>;
}

/** A unit for the gate, and what people want to know of it. */
export interface RolloutUnit {
  readonly gate: GateUnit;
  readonly members: readonly UnitMember[];
  /** Weight of the candidate: how much more often it would have done what was done. */
  readonly weight: number;
  /** Share of what the candidate would do that is hardly ever played. */
  readonly uncovered: number;
}

/** An action that is played more rarely than this, among K, tells too little about it: divided by K. */
const LEAST_FLOOR = 0.01;

/**
 * One decision, or the decisions of an episode, as one unit.
 * @param members in the order of decisions, at least one
 */
export function unitOf(members: readonly UnitMember[], terms: RolloutTerms): RolloutUnit | Uncounted {
  const draws = members.flatMap(({ compared }) => (compared === 'sticky_repeat' ? [] : [compared]));
  const [first] = draws;
  // Its choice was made before the test began.
  if (!first) return 'sticky_repeat';
  const { share, isCandidate } = first;
  // What was begun under one share and went on under another belongs to no step.
  if (draws.some((draw) => draw.share !== share || draw.isCandidate !== isCandidate)) return 'two_shares';
  const isShared = share > 0 && share < 1;
  const odds =
    draws.length === 1
      ? oddsOfDecision(first, share)
      : isShared
        ? oddsOfSharedEpisode(draws, share)
        : share === 0
          ? oddsOfDrawnEpisode(draws, terms.episodeWeightLimit)
          : undefined;
  if (!odds) return 'drawn_episode';
  return {
    gate: {
      odds,
      assigned: isShared ? { isCandidate, share } : undefined,
      hasTraffic: share > 0,
      reward: rewardOf(members, terms),
      harms: harmsOf(members),
    },
    members,
    weight: 1 + odds.difference * (1 - share),
    uncovered: mean(draws.map(uncoveredOf)),
  };
}

/** Mean of the rewards, rescaled to [0, 1]; without one of them the unit has none. */
function rewardOf(
  members: readonly UnitMember[],
  { range: [least, largest] }: RolloutTerms,
): number | undefined {
  const rewards = members.flatMap(({ reward }) => reward ?? []);
  if (rewards.length < members.length) return undefined;
  return Math.min(Math.max((mean(rewards) - least) / (largest - least), 0), 1);
}

function harmsOf(members: readonly UnitMember[]): Record<string, number> {
  const harms: Record<string, number> = {
    [FAILURES]: mean(
      members.map(({ compared }) => (compared !== 'sticky_repeat' && compared.failed ? 1 : 0)),
    ),
  };
  for (const name of Object.keys(members[0]?.harms ?? {})) {
    harms[name] = Math.max(...members.map((member) => member.harms[name] ?? 0));
  }
  return harms;
}

function uncoveredOf({ candidate, incumbent, share }: ComparedDecision): number {
  const least = LEAST_FLOOR / candidate.length;
  let uncovered = 0;
  for (const [action, p] of candidate.entries()) {
    if (share * p + (1 - share) * (incumbent[action] ?? 0) < least) uncovered += p;
  }
  return Math.min(uncovered, 1);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
